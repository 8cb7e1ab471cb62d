// The listing without find: readdir and stat in-process. Same records as find.ts; also used where links lead out of the tree.
import { type BigIntStats, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import type { Found } from "./find.ts";

const NANO = 1_000_000_000n;

/** What the walk asks of the file system; tests count the calls. */
export interface Disk {
  list(folder: string): readonly { readonly name: Buffer; isDirectory(): boolean }[];
  look(path: Buffer, follow: boolean): BigIntStats | undefined;
}

export const DISK: Disk = {
  list: (folder) => readdirSync(folder, { withFileTypes: true, encoding: "buffer" }),
  look: (path, follow) => (follow ? statSync : lstatSync)(path, { bigint: true, throwIfNoEntry: false }),
};

export interface Walk {
  /** Relative starts are relative to it. */
  readonly base: string;
  /** Files or folders to begin with; records name them as they are given here. */
  readonly starts: readonly string[];
  /** Not looked at, as records would name them. */
  readonly skip: ReadonlySet<string>;
  readonly depth: number;
  /** Links count as what they lead to. */
  readonly follow: boolean;
  /** Folders are recorded without size and time. */
  readonly quietFolders: boolean;
}

export function walk({ base, starts, skip, depth, follow, quietFolders }: Walk, disk: Disk = DISK): Found {
  const records: Buffer[] = [];
  const unreadable: string[] = [];
  const prefix = Buffer.from(`${base}/`);
  const visit = (path: Buffer, left: number, above: ReadonlySet<string>): void => {
    if (skip.has(path.toString("utf8"))) return;
    const place = path[0] === SLASH[0] ? path : Buffer.concat([prefix, path]);
    const stats = disk.look(place, follow) ?? disk.look(place, false);
    if (!stats) return;
    records.push(recordOf(path, stats, quietFolders));
    if (!stats.isDirectory() || left === 0) return;
    // Names that are no UTF-8 cannot be entered by text; nothing of ours is below them.
    const text = place.toString("utf8");
    const real = follow ? realpathSync(text) : text;
    if (above.has(real)) return;
    try {
      for (const entry of disk.list(text))
        visit(Buffer.concat([path, SLASH, entry.name]), left - 1, new Set([...above, real]));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") unreadable.push(`${text} (${code ?? "error"})`);
    }
  };
  for (const start of starts) visit(Buffer.from(start), depth, new Set());
  return { records: Buffer.concat(records), unreadable };
}

const SLASH = Buffer.from("/");

function recordOf(path: Buffer, stats: BigIntStats, quietFolders: boolean): Buffer {
  const head = quietFolders && stats.isDirectory() ? "d0 0 " : `${letterOf(stats)}${stats.size} ${timeOf(stats)} `;
  return Buffer.concat([Buffer.from(head), path, Buffer.from("\0")]);
}

function letterOf(stats: BigIntStats): string {
  if (stats.isFile()) return "f";
  if (stats.isDirectory()) return "d";
  return stats.isSymbolicLink() ? "l" : "o";
}

/** "seconds.nanoseconds", nine digits. */
function timeOf(stats: BigIntStats): string {
  return `${stats.mtimeNs / NANO}.${String(stats.mtimeNs % NANO).padStart(9, "0")}`;
}
