// Digests of outputs: sha256 of a file; of a folder what the reference says, whatever the order on disk.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { contentDigest } from "../../../src/worker/digest.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "cmc-digest-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sha = (text: string) => createHash("sha256").update(text).digest("hex");
function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

it("of a file is sha256 of its bytes, in however many pieces it is read", () => {
  const text = "0123456789abcdef".repeat(200_000);
  put("f", text);
  expect(contentDigest(join(root, "f"), false)).toBe(sha(text));
});

it("of a folder is sha256 over path and digest of the files inside, in path order", () => {
  for (const path of ["t/b", "t/a/z", "t/a.txt", "t/é"]) put(path, path);
  const lines = ["a.txt", "a/z", "b", "é"].map((name) => `${name}\0${sha(`t/${name}`)}\n`);
  expect(contentDigest(join(root, "t"), true)).toBe(sha(lines.join("")));
});

it("of a folder does not depend on times, empty folders and links, but on names and contents", () => {
  put("t/a", "1");
  put("t/b", "2");
  const digest = () => contentDigest(join(root, "t"), true);
  const before = digest();
  utimesSync(join(root, "t/a"), 1, 1);
  mkdirSync(join(root, "t/empty"));
  symlinkSync("a", join(root, "t/link"));
  expect(digest()).toBe(before);
  renameSync(join(root, "t/a"), join(root, "t/c"));
  expect(digest()).not.toBe(before);
  renameSync(join(root, "t/c"), join(root, "t/a"));
  put("t/b", "3");
  expect(digest()).not.toBe(before);
});
