// Where external inputs are expected: folders to list, or single files where a folder holds few of ours (it may hold a million others).
import { dirname, resolve } from "node:path";
import type { JobTable } from "../expand/table.ts";

export interface Places {
  /** Absolute, sorted. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** From so many declared files on, a folder is listed whole. */
const MANY = 4;

export function inputPlaces(table: JobTable, campaignDir: string): Places {
  const byFolder = new Map<string, Set<string>>();
  for (const path of declaredPaths(table)) {
    const file = resolve(campaignDir, path);
    const folder = dirname(file);
    const known = byFolder.get(folder);
    if (known) known.add(file);
    else byFolder.set(folder, new Set([file]));
  }
  const all = [...byFolder];
  return {
    folders: all
      .filter(([, files]) => files.size >= MANY)
      .map(([folder]) => folder)
      .sort(),
    files: all.filter(([, files]) => files.size < MANY).flatMap(([, files]) => [...files]).sort(), // prettier-ignore
  };
}

/** Paths as the jobs name them, each once or more. */
function* declaredPaths(table: JobTable): Iterable<string> {
  for (const { stage, inputs, count } of table.stages)
    for (let p = 0; p < inputs.length; p++) {
      const column = inputs[p]!;
      if (column.kind !== "paths") continue;
      const many = stage.inputs[p]!.kind === "files";
      for (let i = 0; i < count; i++) {
        const text = column.paths.at(i);
        if (many) yield* JSON.parse(text) as string[];
        else yield text;
      }
    }
}
