// Reading contents by real threads: several at once, and what to make of a file that was replaced after it was listed.
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DeepOptions, readDeep } from "../../../src/apply/verify-deep.ts";
import type { Survey } from "../../../src/apply/verify.ts";
import { Records } from "../../../src/observe/records.ts";
import { judge, rosterOf } from "../../../src/verify/judge.ts";
import { mtimeText } from "../../../src/worker/file-fact.ts";
import { buildTable } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";
import { temporaryRoot } from "../state/support.ts";

let root: string;
beforeEach(() => (root = temporaryRoot()));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const COUNT = 12;

/** Twelve results whose recorded content is their number; `listed` is what the listing had of file 3. */
function surveyed(listed: (mtime: string) => string = (mtime) => mtime): Survey {
  const table = buildTable([{ name: "mock", axes: { n: Array.from({ length: COUNT }, (_, n) => n) }, outputs: { out: ({ n }) => `out/${n}` } }]); // prettier-ignore
  const w = new World(table).run();
  mkdirSync(join(root, "out"), { recursive: true });
  let records = "";
  for (let n = 0; n < COUNT; n++) {
    const path = `out/${n}`;
    writeFileSync(join(root, path), n === 3 ? "other" : `n = ${n}`);
    const { size, mtimeNs } = statSync(join(root, path), { bigint: true });
    const mtime = n === 3 ? listed(mtimeText(mtimeNs)) : mtimeText(mtimeNs);
    records += `f${size} ${mtime} ./${path}\0`;
    const receipt = { ...w.publish(n), outputs: [{ name: "out", path, size: Number(size), mtime, sha256: sha(`n = ${n}`) }] }; // prettier-ignore
    w.finish(w.start(n), "ok", "done", { receipt });
  }
  const state = w.state();
  const roster = rosterOf(table, state);
  const lines = new Records(Buffer.from(records));
  const judgement = judge({ table, state, roster, output: (path) => lines.output(path) });
  return { table, root, state, roster, records: lines, judgement, live: false, problems: [] };
}

const read = (seen: Survey, more: Partial<DeepOptions> = {}) =>
  readDeep(seen, {
    read: "contents", record: false, validate: false, restart: false, selection: "", jobs: 3,
    stop: new AbortController().signal, now: () => 1, onProgress: () => undefined, ...more,
  }); // prettier-ignore

it("reads every output once, however many threads there are, and tells how far it is", async () => {
  const seen: number[] = [];
  const deep = await read(surveyed(), { onProgress: ({ done, total }) => seen.push(done / total) });
  expect(seen).toEqual(Array.from({ length: COUNT }, (_, i) => (i + 1) / COUNT));
  expect(deep).toMatchObject({ hashed: COUNT, taken: 0, left: 0, undigested: 0 });
  expect([...deep.judgement.findings]).toMatchObject([[3, [{ path: "out/3", what: "content" }]]]);
  expect(deep.verified).toMatchObject([{ key: "mock[n=3]", attemptId: "mock[n=3]#1" }]);
});

it("believes nothing of a file that was replaced between listing and reading: its job may have run again", async () => {
  const seen = surveyed(() => "1700000000.000000000");
  const deep = await read(seen);
  expect(deep.judgement.findings.size).toBe(0);
  expect(deep.verified).toEqual([]);
  // Nor is it remembered.
  expect(await read(seen)).toMatchObject({ hashed: 1, taken: COUNT - 1 });
});

it("stops between two outputs when it is told to, and the next one goes on", async () => {
  const seen = surveyed();
  const stop = new AbortController();
  const first = await read(seen, { jobs: 1, stop: stop.signal, onProgress: ({ done }) => done === 5 && stop.abort() });
  expect(first).toMatchObject({ hashed: 5, left: 7 });
  const rest = await read(seen);
  expect(rest).toMatchObject({ hashed: 7, taken: 5, left: 0, resumed: 1 });
  expect(rest.judgement.findings.size).toBe(1);
});
