// A file as it is seen now: size and modification time to the nanosecond. The format is that of state/events.ts FileFact.
import { type BigIntStats, closeSync, lstatSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FileFact } from "../state/receipt.ts";

const NANO = 1_000_000_000n;

/** "seconds.nanoseconds", nine digits after the point. */
export function mtimeText(nanoseconds: bigint): string {
  return `${nanoseconds / NANO}.${String(nanoseconds % NANO).padStart(9, "0")}`;
}

/** Undefined: not there. Follows symbolic links: inputs are often links into an archive. */
export function statFile(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

export function fileFact(name: string, path: string, stats: BigIntStats, content: boolean): FileFact {
  const fact = { path: name, size: Number(stats.size), mtime: mtimeText(stats.mtimeNs) };
  return content ? { ...fact, sha256: fileDigest(path) } : fact;
}

/** sha256 in slabs: inputs may be larger than memory. */
export function fileDigest(path: string): string {
  const hash = createHash("sha256");
  const slab = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, slab); read > 0; read = readSync(file, slab)) hash.update(slab.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

export interface FolderFact {
  readonly size: number;
  readonly mtime: string;
  readonly files: number;
}

/** Sum of sizes, latest time and number of the regular files below a folder. */
export function folderFact(path: string): FolderFact {
  let size = 0n;
  let latest = 0n;
  let files = 0;
  for (const file of filesBelow(path)) {
    const stats = lstatSync(file, { bigint: true });
    size += stats.size;
    if (stats.mtimeNs > latest) latest = stats.mtimeNs;
    files += 1;
  }
  return { size: Number(size), mtime: mtimeText(latest), files };
}

export function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}
