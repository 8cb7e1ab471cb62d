// Where compilations are remembered, and how files get there: written beside and renamed, so that two processes never see half a file.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Of all of cmc's caches. undefined: none is wanted (`given` is null), or there is no place for one. */
export function cacheBase(env: NodeJS.ProcessEnv, given?: string | null): string | undefined {
  if (given === null) return undefined;
  const base = given || env.CMC_CACHE_DIR || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "cmc");
  return isFolder(base) ? base : undefined;
}

/** Is there, or was made. Not by `recursive`: Node 20 never returns from it where mkdir says ENOENT below a folder that is there (/proc). */
function isFolder(path: string): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats) return stats.isDirectory();
    if (dirname(path) === path || !isFolder(dirname(path))) return false;
    mkdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
  }
}

/** Compilations inside it. */
export function compileFolder(base: string): string {
  return join(base, "compile");
}

/** False when the folder cannot be written: then there is no cache, and nobody is told. */
export function writeAtomically(folder: string, name: string, parts: readonly (string | Uint8Array)[]): boolean {
  const temporary = join(folder, `.${name}.${process.pid}.${Math.trunc(performance.now() * 1e6).toString(36)}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))));
    renameSync(temporary, join(folder, name));
    return true;
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The folder itself is none.
    }
    return false;
  }
}

const MOST_FILES = 40;
const MOST_BYTES = 2 ** 30;

/** Drops the files that were not used for longest, until there are at most `MOST_FILES` (two an entry) and `MOST_BYTES`. */
export function prune(folder: string): void {
  try {
    const files = readdirSync(folder).map((name) => ({ name, ...pick(join(folder, name)) })).sort((a, b) => b.used - a.used); // prettier-ignore
    let bytes = 0;
    files.forEach((file, i) => {
      bytes += file.size;
      // The two newest are the entry just written, however large.
      if (i >= 2 && (i >= MOST_FILES || bytes > MOST_BYTES)) rmSync(join(folder, file.name), { force: true });
    });
  } catch {
    // Another process prunes at the same time.
  }
}

function pick(path: string): { used: number; size: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  return { used: stat?.mtimeMs ?? 0, size: stat?.size ?? 0 };
}
