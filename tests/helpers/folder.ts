// A folder as a value: what lies in it, so that a test can say that nothing, or exactly this, has changed.
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Path relative to the folder -> kind, mode, size, modification time and content. The folder itself is ".". */
export type Snapshot = ReadonlyMap<string, string>;

/** A folder that is not there is an empty snapshot. `except`: paths that are not looked at. */
export function snapshot(folder: string, except: readonly string[] = []): Snapshot {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    const place = join(folder, path);
    const stats = lstatSync(place, { bigint: true, throwIfNoEntry: false });
    if (!stats || except.includes(path)) return;
    const head = `${stats.mode.toString(8)} ${stats.mtimeNs}`;
    if (stats.isSymbolicLink()) found.set(path, `${head} -> ${readlinkSync(place)}`);
    else if (stats.isFile()) found.set(path, `${head} ${stats.size} ${contentOf(place)}`);
    else found.set(path, head);
    if (stats.isDirectory())
      for (const name of readdirSync(place).sort()) visit(path === "." ? name : `${path}/${name}`);
  };
  visit(".");
  return found;
}

function contentOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** `+ new`, `- gone`, `~ other`, in path order. Empty: nothing has changed. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now) return [];
    return [`${old === undefined ? "+" : now === undefined ? "-" : "~"} ${path}`];
  });
}

/** Files below a folder, relative to it, sorted. */
export function filesIn(folder: string): string[] {
  return [...snapshot(folder)].flatMap(([path, facts]) => (/^100/.test(facts) ? [path] : []));
}
