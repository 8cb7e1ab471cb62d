// Content of an input file as sha256, read only when somebody asks, and once: remembered under path, size and time.
import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { digest128 } from "../ir/canonical.ts";
import type { FileFact } from "../state/receipt.ts";

/** A fact whose sha256 is computed when it is read. Undefined when the file cannot be read. */
export class InputFact implements FileFact {
  constructor(
    readonly path: string,
    readonly size: number,
    readonly mtime: string,
    private readonly file: string,
    private readonly cacheDir: string | undefined,
  ) {}

  get sha256(): string | undefined {
    return contentDigest(this, this.file, this.cacheDir);
  }
}

function contentDigest({ size, mtime }: FileFact, file: string, cacheDir: string | undefined): string | undefined {
  const folder = cacheDir && join(cacheDir, "content");
  const entry = folder && join(folder, digest128(`${file}\0${size}\0${mtime}`));
  try {
    const known = entry && readFileSync(entry, "utf8");
    if (known && /^[0-9a-f]{64}$/.test(known)) return known;
  } catch {
    // Not remembered.
  }
  const digest = fileDigest(file);
  if (digest && folder && entry) remember(folder, entry, digest);
  return digest;
}

function remember(folder: string, entry: string, digest: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const fresh = `${entry}.${process.pid}`;
    writeFileSync(fresh, digest);
    renameSync(fresh, entry);
  } catch {
    // A cache that cannot be written is slower, not wrong.
  }
}

function fileDigest(path: string): string | undefined {
  try {
    const file = openSync(path, "r");
    const hash = createHash("sha256");
    const slab = Buffer.allocUnsafe(1 << 20);
    try {
      for (let read = readSync(file, slab); read > 0; read = readSync(file, slab)) hash.update(slab.subarray(0, read));
    } finally {
      closeSync(file);
    }
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}
