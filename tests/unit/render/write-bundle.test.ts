// A bundle reaches the disk whole or not at all.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readBundleIndex, writeBundle } from "../../../src/apply/bundle.ts";
import { encode, sealBundle } from "../../../src/render/bundle.ts";
import { thisProcess } from "../../../src/state/process-id.ts";

const about = { campaign: { name: "sample", version: "v1", digest: "c" }, site: "local", jobs: 0 };
const files = new Map([
  ["submit.sh", encode("#!/bin/bash\n")],
  ["jobs/mock-0000.jsonl", encode("{}\n")],
]);
const bundle = sealBundle(files, about);

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "cmc-bundle-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("is written once, with an index that matches and a script that can be run", () => {
  const to = join(dir, "sample", bundle.digest);
  expect(writeBundle(bundle, to)).toBe(true);
  expect(writeBundle(bundle, to)).toBe(false);
  expect(readdirSync(join(dir, "sample"))).toEqual([bundle.digest]);
  expect(readBundleIndex(to)).toMatchObject({ ...about, digest: bundle.digest });
  expect(statSync(join(to, "submit.sh")).mode & 0o111).toBe(0o111);
});

it("is refused when what is there differs", () => {
  const to = join(dir, bundle.digest);
  writeBundle(bundle, to);
  writeFileSync(join(to, "jobs/mock-0000.jsonl"), "{ }\n");
  expect(() => writeBundle(bundle, to)).toThrow("jobs/mock-0000.jsonl missing or changed");
  expect(() => readBundleIndex(to)).toThrow("jobs/mock-0000.jsonl missing or changed");
  rmSync(join(to, "jobs"), { recursive: true });
  expect(() => readBundleIndex(to)).toThrow("jobs/mock-0000.jsonl missing or changed");
});

it("leaves nothing behind when it cannot be written", () => {
  writeFileSync(join(dir, "file"), "");
  expect(() => writeBundle(bundle, join(dir, "file", "x"))).toThrow("not a folder");
  expect(readdirSync(dir)).toEqual(["file"]);
});

it("sweeps away what a process that was killed had half-written, and nothing of one that lives", () => {
  const to = join(dir, bundle.digest);
  const { pid, processStart, host } = thisProcess();
  const half = (of: string) => mkdirSync(join(dir, `${bundle.digest}.tmp-${of}`, "jobs"), { recursive: true });
  const others = [`${pid}-${processStart}-${host}`, "1-1-elsewhere"];
  for (const of of [...others, `${pid}-1-${host}`]) half(of);
  writeBundle(bundle, to);
  // The first of the others is this very process, which then renames it into place.
  expect(readdirSync(dir).sort()).toEqual([bundle.digest, `${bundle.digest}.tmp-1-1-elsewhere`]);
});

it("has a digest of paths and contents, whatever the order", () => {
  const again = sealBundle(new Map([...files].reverse()), about);
  expect(again).toEqual(bundle);
  expect(sealBundle(new Map([...files, ["x", encode("")]]), about).digest).not.toBe(bundle.digest);
  expect([...bundle.files.keys()]).toEqual(["bundle.json", "jobs/mock-0000.jsonl", "submit.sh"]);
});
