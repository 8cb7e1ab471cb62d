// Is this an HDF5 file at all? A look at a few bytes, before the library is asked: its messages for garbage help nobody.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const SIGNATURE = Buffer.from("\x89HDF\r\n\x1a\n", "latin1");

/** Undefined when the signature is there, else what the file is instead. */
export function whyNotHdf5(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "is not there"
      : `cannot be read: ${(error as Error).message}`;
  }
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) return "is a folder";
    if (stats.size === 0) return "is empty (0 bytes)";
    const bytes = Buffer.alloc(8);
    // The superblock stands at 0 or at a power of two from 512 on, behind a user block.
    for (let at = 0; at < stats.size; at = at === 0 ? 512 : at * 2) {
      if (readSync(fd, bytes, 0, 8, at) === 8 && bytes.equals(SIGNATURE)) return undefined;
    }
    const start = Buffer.alloc(Math.min(64, stats.size));
    readSync(fd, start, 0, start.length, 0);
    return isText(start)
      ? `is text, not HDF5: ${JSON.stringify(start.toString("utf8").slice(0, 40))}`
      : `is not HDF5 (${stats.size} bytes, no signature)`;
  } finally {
    closeSync(fd);
  }
}

function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}
