// What lies below the folder of a mapping: files, and folders where the output is one. Links count as what they lead to.
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../../diagnostics/diagnostic.ts";
import type { Mapping } from "./mapping.ts";

/** Paths relative to the folder, sorted; no deeper than the pattern. Throws adopt/no-folder. */
export function sourcesOf({ base, depth, stage, output, text }: Mapping): string[] {
  const wantsFolders = stage.stage.outputs[output]!.kind === "dir";
  const found: string[] = [];
  const visit = (folder: string, level: number): void => {
    let entries: Dirent[];
    try {
      entries = readdirSync(join(base, folder), { withFileTypes: true });
    } catch (error) {
      fail({ code: "adopt/no-folder", message: `--from ${text}: cannot list ${join(base, folder)}: ${(error as Error).message}` }); // prettier-ignore
    }
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isFolder = kindOf(entry, join(base, path)) === "folder";
      if (isFolder === wantsFolders && (level === depth || !isFolder)) found.push(path);
      else if (!isFolder) found.push(path);
      if (isFolder && level < depth) visit(path, level + 1);
    }
  };
  visit("", 1);
  return found.sort();
}

function kindOf(entry: Dirent, path: string): "folder" | "other" {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? "folder" : "other";
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? "folder" : "other";
}
