// Where caches go: made when it is missing, done without where it cannot be made, and never in the working directory by accident.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cacheBase } from "../../../src/compile/cache/place.ts";

const scratch = mkdtempSync(join(tmpdir(), "cmc-cache-place-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it("is made with all its parents", () => {
  const wanted = join(scratch, "a", "b");
  expect(cacheBase({ CMC_CACHE_DIR: wanted })).toBe(wanted);
  expect(statSync(wanted).isDirectory()).toBe(true);
});

it("falls back from an empty variable to the user's cache folder", () => {
  expect(cacheBase({ CMC_CACHE_DIR: "", XDG_CACHE_HOME: "", HOME: scratch })).toBe(join(scratch, ".cache", "cmc"));
  expect(cacheBase({ XDG_CACHE_HOME: scratch })).toBe(join(scratch, "cmc"));
});

it("is none where it is not wanted or cannot be", () => {
  writeFileSync(join(scratch, "file"), "");
  expect(cacheBase({ CMC_CACHE_DIR: scratch }, null)).toBeUndefined();
  expect(cacheBase({ CMC_CACHE_DIR: join(scratch, "file") })).toBeUndefined();
  expect(cacheBase({ CMC_CACHE_DIR: join(scratch, "file", "below") })).toBeUndefined();
  expect(cacheBase({ CMC_CACHE_DIR: "/proc/cmc-cache/below" })).toBeUndefined();
});
