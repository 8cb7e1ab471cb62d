// Puts what was imported on disk: all of it, or nothing. A file that says something else is never replaced unless that was asked for.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { shownPath } from "../compile/source/span.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import { syncFolder, writeDurably } from "../state/replace-file.ts";
import { refuseWrite } from "../state/write-error.ts";

/** Returns the files that were written; those that hold the same already are left alone. */
export function writeFiles(
  files: ReadonlyMap<string, string>,
  { force, cwd }: { readonly force: boolean; readonly cwd: string },
): readonly string[] {
  const changed = [...files].filter(([path, text]) => textAt(path) !== text);
  const taken = changed.map(([path]) => path).filter((path) => existsSync(path));
  const refused = taken.filter((path) => !force || !statSync(path).isFile());
  if (refused.length > 0) {
    const names = refused.map((path) => shownPath(path, cwd)).join(", ");
    const others = refused.length === 1 ? "is there and says something else" : "are there and say something else";
    fail({ code: "import/exists", message: `${names} ${others}: nothing was written` });
  }
  const folders: string[] = [];
  const temporary = (path: string) => `${path}.${process.pid}.tmp`;
  let at = "";
  try {
    for (const [path, text] of changed) {
      at = path;
      const made = mkdirSync(dirname(path), { recursive: true });
      if (made !== undefined) folders.push(made);
      writeDurably(temporary(path), text);
    }
    for (const [path] of changed) renameSync(temporary((at = path)), path);
    for (const folder of new Set(changed.map(([path]) => dirname(path)))) syncFolder(folder);
  } catch (error) {
    for (const [path] of changed) discard(temporary(path));
    for (const folder of folders.reverse()) discard(folder);
    refuseWrite(error, at, "Nothing was imported.");
  }
  return changed.map(([path]) => path);
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A folder goes only with what was made in it. */
function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It was never made.
  }
}
