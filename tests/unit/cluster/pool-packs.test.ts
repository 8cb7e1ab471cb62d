// What becomes of the packs of a pool in a turn: on disk, with claims as workers make them. With real workers: tests/cluster/pool-losses.test.ts.
import { existsSync, mkdtempSync, renameSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Docket } from "../../../src/executors/cluster/docket.ts";
import { addPacks, poolFolder, readDesk } from "../../../src/executors/cluster/pool-desk.ts";
import { settlePacks } from "../../../src/executors/cluster/pool-packs.ts";
import type { Sight, Sighting } from "../../../src/executors/cluster/sight.ts";
import type { TurnBook, TurnPlace } from "../../../src/executors/cluster/turn-book.ts";
import type { Event } from "../../../src/state/events.ts";
import { emptyState, reduce } from "../../../src/state/reduce.ts";
import { makeClaim, newClaim } from "../../../src/worker/claim.ts";
import { finishPack, takePack } from "../../../src/worker/pool-claim.ts";
import { readPool } from "../../../src/worker/pool-folder.ts";

const NOW = 1_000_000_000;
const SETTINGS = { visibility: 2000, alive: 10_000 };
const RUN = { run: "r", pool: "pool" };

let root: string;
let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cmc-packs-"));
  folder = poolFolder(root, RUN.run, RUN.pool);
  addPacks(folder, [[{ type: "run", key: "x", batch: "b", line: 0, attempt: 1 }]], NOW);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** By a worker of SLURM job 7, renewed so many ms ago. Returns the pack's id. */
function claim(silent: number, ended = false): string {
  const { id } = readDesk(folder).packs[0]!;
  const mine = { ...newClaim({ job: 7, restart: 0 }, 0, [], "w.ndjson"), ...(ended ? { ended: { at: 1, code: 8 } } : {}) }; // prettier-ignore
  expect(makeClaim(at(`${id}.claim`), mine)).toBe("made");
  utimesSync(at(`${id}.claim`), (NOW - silent) / 1000, (NOW - silent) / 1000);
  return id;
}

const INTENT: Event = { type: "submission-intended", at: 0, token: "t", run: "r", array: "pool", mode: "pool", tasks: 1, jobs: 0 }; // prettier-ignore
const ANSWER: Event = { type: "submission-answered", at: 0, token: "t", jobId: 7 };
const OVER: Event = { type: "submission-over", at: 1, token: "t" };
const BEGUN: Event = { type: "attempt-started", at: 1, key: "x", attempt: 1, attemptId: "x1", recipe: "r", host: "n", pid: 1, batch: "b" }; // prettier-ignore
const FAILED: Event = { type: "attempt-finished", at: 2, key: "x", attempt: 1, attemptId: "x1", class: "exit", message: "", phases: [] }; // prettier-ignore
const ended = (how: string, ago: number) => ({ kind: "ended", class: how, at: NOW - ago }) as Sighting;

/** `between`: after the look, before the turn acts. */
function settled(events: readonly Event[], sighting?: Sighting, between = () => {}) {
  const state = [INTENT, ANSWER, ...events].reduce((known, event) => reduce(known, event), emptyState());
  const look = { desks: new Map([[folder, readDesk(folder)]]), clock: NOW, at: NOW };
  between();
  const written: string[] = [];
  const write = (event: Event) => written.push(event.type === "attempt-finished" ? `${event.class} ${event.scheduler}` : event.type); // prettier-ignore
  const turn = { write, journal: () => ({ sync: () => {} }) } as unknown as TurnBook;
  const place = { root, state, look, now: () => NOW } as unknown as TurnPlace;
  const docket = { run: { run: "r" }, pools: [{ name: "pool" }] } as unknown as Docket;
  const sight: Sight = { jobId: () => 7, task: () => sighting };
  const hands = [...settlePacks(place, turn, docket, sight, SETTINGS).values()].map(({ phase }) => phase);
  return { hands, written, packs: readDesk(folder).packs.length };
}

const QUEUED = { hands: ["queued"], written: [], packs: 1 };
const RUNNING = { hands: ["running"], written: [], packs: 1 };
const LOST = { hands: [], packs: 0 };

test("what nobody has claimed is queued", () => expect(settled([])).toEqual(QUEUED));

test.each<[string, number, boolean, readonly Event[], Sighting | undefined, object]>([
  ["its allocation lives, however silent", 60_000, false, [BEGUN], { kind: "running" }, RUNNING],
  ["its worker has left it to the next", 60_000, true, [BEGUN, OVER], ended("completed", 60_000), QUEUED],
  ["its allocation has ended", 100, false, [BEGUN, OVER], ended("cancelled", 5000), { ...LOST, written: ["lost cancelled"] }],
  ["its allocation has just ended: records may come", 100, false, [BEGUN, OVER], ended("failed", 500), RUNNING],
  ["its node is out of reach, and it may be alive", 5000, false, [BEGUN, OVER], ended("node_fail", 60_000), RUNNING],
  ["its node is out of reach, and it is silent", 11_000, false, [BEGUN, OVER], ended("node_fail", 60_000), { ...LOST, written: ["lost node_fail"] }],
  ["its allocation is forgotten, and it is silent", 11_000, false, [BEGUN, OVER], undefined, { ...LOST, written: ["lost undefined"] }],
])("claimed: %s", (_, silent, left, events, sighting, expected) => {
  claim(silent, left);
  expect(settled(events, sighting)).toEqual(expected);
}); // prettier-ignore

test("what another worker takes over meanwhile is left to it", () => {
  const id = claim(60_000);
  const other = newClaim({ job: 8, restart: 0 }, 0, ["w.ndjson"], "v.ndjson");
  expect(settled([BEGUN, OVER], undefined, () => makeClaim(at(`${id}.claim.1`), other))).toEqual(RUNNING);
  expect(readDesk(folder).packs[0]!.claim).toMatchObject({ generation: 1, claim: { job: 8 } });
});

test("done is taken out when all of its ends are read, not before", () => {
  const id = claim(100);
  renameSync(at(`${id}.claim`), at(`${id}.done`));
  expect(settled([BEGUN])).toEqual(RUNNING);
  expect(settled([BEGUN, FAILED])).toEqual({ ...LOST, written: [] });
  expect(existsSync(at(`${id}.done`))).toBe(false);
});

test("what is done after the look is taken out by the next turn: its receipts may have come after the journals were read", () => {
  const id = claim(60_000);
  const finish = () => renameSync(at(`${id}.claim`), at(`${id}.done`));
  expect(settled([BEGUN], { kind: "running" }, finish)).toEqual(RUNNING);
});

test("a worker whose pack is taken out at its very end goes on", () => {
  const me = { folder, lease: 1, allocation: { job: 7, restart: 0 }, journal: "w.ndjson", now: () => NOW };
  const taken = takePack(me, readPool(folder).packs[0]!)!;
  rmSync(taken.claim.path);
  expect(finishPack(folder, taken)).toBe(false);
});
