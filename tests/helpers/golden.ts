// Compares files with those under tests/golden; UPDATE_GOLDEN=1 writes them instead. Whole files, so that a diff reads like a review.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect } from "vitest";

const GOLDEN = resolve(import.meta.dirname, "..", "golden");

export function expectGolden(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  const expected = join(GOLDEN, folder);
  if (process.env["UPDATE_GOLDEN"]) {
    rmSync(expected, { recursive: true, force: true });
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(expected, path)), { recursive: true });
      writeFileSync(join(expected, path), bytes);
    }
  }
  const there = existsSync(expected)
    ? readdirSync(expected, { recursive: true, encoding: "utf8" }).filter((path) =>
        statSync(join(expected, path)).isFile(),
      )
    : [];
  expect([...files.keys()].sort(), `files of ${folder}`).toEqual(there.map((path) => relative(".", path)).sort());
  for (const [path, bytes] of files)
    expect(Buffer.from(bytes).toString("utf8"), `${folder}/${path}`).toBe(readFileSync(join(expected, path), "utf8"));
}
