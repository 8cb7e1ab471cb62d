// What follows from a sighting, a claim and the journals, rule by rule. All of it together: histories.test.ts.
import { describe, expect, test } from "vitest";
import type { ClaimSign } from "../../../src/executors/cluster/look.ts";
import { settle, type SettleSettings } from "../../../src/executors/cluster/settle.ts";
import { type Sight, type Sighting, sightOf } from "../../../src/executors/cluster/sight.ts";
import type { EndClass } from "../../../src/executors/slurm/states.ts";
import type { TaskJob } from "../../../src/ir/task-line.ts";
import type { Event } from "../../../src/state/events.ts";
import { emptyState, reduce, type State } from "../../../src/state/reduce.ts";

const NOW = 1_000_000;
const SETTINGS: SettleSettings = { now: NOW, readAt: NOW, visibility: 1000, patience: 60_000, alive: 10_000, accounting: "answered" }; // prettier-ignore
const JOBS: readonly TaskJob[] = ["x", "y"].map((key) => ({ type: "run", key, batch: "b", line: 0, attempt: 1 }));

const INTENT: Event = { type: "submission-intended", at: 0, token: "t", run: "r", array: "a", mode: "array", tasks: 1, jobs: 2 }; // prettier-ignore
const ANSWER: Event = { type: "submission-answered", at: 0, token: "t", jobId: 7 };
const started = (key: string, at = 1): Event => ({ type: "attempt-started", at, key, attempt: 1, attemptId: `${key}1`, recipe: "r", host: "n", pid: 1, batch: "b" }); // prettier-ignore
const failed = (key: string): Event => ({ type: "attempt-finished", at: 2, key, attempt: 1, attemptId: `${key}1`, class: "exit", message: "", phases: [] }); // prettier-ignore

function stateOf(...events: readonly Event[]): State {
  return events.reduce((state, event) => reduce(state, event), emptyState());
}

const seeing = (sighting: Sighting | undefined): Sight => ({ jobId: () => 7, task: () => sighting });
const ended = (how: EndClass, ago = 5000): Sighting => ({ kind: "ended", class: how, at: NOW - ago, node: "n1" });
const ENDED: ClaimSign = { ended: true, closed: false, silent: 5000 };
const ALIVE: ClaimSign = { ended: false, closed: false, silent: 100 };
const DEAD: ClaimSign = { ended: false, closed: false, silent: 50_000 };

function settled(
  events: readonly Event[],
  sighting: Sighting | undefined,
  claim?: ClaimSign,
  settings: Partial<SettleSettings> = {},
) {
  const state = stateOf(INTENT, ANSWER, ...events);
  const claims = new Map(claim ? [[0, claim]] : []);
  const open = [{ submission: state.submissions.get("t")!, tasks: [JOBS], claims }];
  const { events: written, hands, ...rest } = settle(open, state, seeing(sighting), { ...SETTINGS, ...settings });
  const said = written.map((event) =>
    event.type === "attempt-finished" ? `${event.key} ${event.class}${event.scheduler ? ` (${event.scheduler})` : ""}`
    : event.type === "jobs-held" ? `hold ${event.keys.join(" ")}`
    : event.type,
  ); // prettier-ignore
  return { said, hands: [...hands.values()].map(({ phase }) => phase), asks: rest.unseen.length > 0, revokes: rest.revoke.length > 0, closes: rest.close.length > 0 }; // prettier-ignore
}

const HELD = { said: [], asks: false, revokes: false, closes: false };
const BOTH = (phase: string) => [phase, phase];
const OVER = { hands: [], asks: false, revokes: false, closes: true };

describe("nothing is over", () => {
  test.each<[string, readonly Event[], Sighting | undefined, ClaimSign | undefined, Partial<SettleSettings>, object]>([
    ["what is queued", [], { kind: "pending" }, undefined, {}, { ...HELD, hands: BOTH("queued") }],
    ["what runs", [], { kind: "running" }, ALIVE, {}, { ...HELD, hands: BOTH("running") }],
    ["a claim that has ended, of a task that is queued again", [], { kind: "pending" }, ENDED, {}, { ...HELD, hands: BOTH("queued") }],
    ["a claim that has ended, of a task that SLURM still shows", [], { kind: "running" }, ENDED, {}, { ...HELD, hands: BOTH("running") }],
    ["what ended so late that its records may not be read", [], ended("failed", 500), ENDED, {}, { ...HELD, hands: BOTH("running") }],
    ["a worker that is alive beyond the queue", [], undefined, ALIVE, {}, { ...HELD, hands: BOTH("running") }],
    ["a worker that is alive on a node that SLURM gave up", [], ended("node_fail"), ALIVE, {}, { ...HELD, hands: BOTH("running") }],
    ["what was submitted a moment ago", [], undefined, undefined, { patience: 2 * NOW }, { ...HELD, hands: BOTH("unknown") }],
    ["what nobody sees while accounting is silent", [], undefined, undefined, { accounting: "silent" }, { ...HELD, hands: BOTH("unknown") }],
    ["what is not in the queue: accounting is asked", [], undefined, undefined, { accounting: "not asked" }, { ...HELD, hands: BOTH("unknown"), asks: true }],
    ["a claim that has ended, not in the queue: how it ended is asked", [], undefined, ENDED, { accounting: "not asked" }, { ...HELD, hands: BOTH("unknown"), asks: true }],
    ["what nobody knows of is taken away first", [], undefined, undefined, {}, { ...HELD, hands: BOTH("unknown"), revokes: true }],
  ])("%s", (_, events, sighting, claim, settings, expected) => expect(settled(events, sighting, claim, settings)).toEqual(expected)); // prettier-ignore
});

describe("an end", () => {
  test.each<[string, readonly Event[], Sighting | undefined, ClaimSign | undefined, readonly string[]]>([
    ["of all jobs, receipt or failure, is that of the submission", [started("x"), failed("x"), started("y"), failed("y")], undefined, undefined, []],
    ["for memory counts against the job that ran last", [started("x", 1), started("y", 2)], ended("oom"), DEAD, ["x lost (oom)", "y oom (oom)"]],
    ["at the time limit counts against the job that ran last", [started("x"), failed("x"), started("y", 2)], ended("timeout"), DEAD, ["y timeout (timeout)"]],
    ["by a lost node is nobody's fault", [started("x")], ended("node_fail"), DEAD, ["x lost (node_fail)"]],
    ["by hand holds what is left", [started("x"), failed("x")], ended("cancelled"), ENDED, ["hold y"]],
    ["before a worker was there holds all", [], ended("launch_failure"), undefined, ["hold x y"]],
    ["after a claim and before a job counts as a lost worker", [], ended("failed"), DEAD, ["x lost (failed)"]],
    ["by a signal before a worker was there counts as a lost worker", [], ended("killed"), undefined, ["x lost (killed)"]],
    ["that nobody saw, of a worker that is silent", [started("x")], undefined, DEAD, ["x lost"]],
    ["of a claim, long purged", [started("x")], undefined, ENDED, ["x lost"]],
  ])("%s", (_, events, sighting, claim, said) => {
    const closes = said.length > 0;
    expect(settled(events, sighting, claim)).toEqual({ ...OVER, closes, said: [...said, "submission-over"] });
  }); // prettier-ignore

  test("is told once: a closed task is nobody's, whatever its jobs do elsewhere", () => {
    const elsewhere = [started("x")];
    const closed = { ended: true, closed: true, silent: 0 };
    expect(settled(elsewhere, ended("timeout"), closed)).toEqual({ ...OVER, closes: false, said: ["submission-over"] });
  });

  test("of an earlier life: the class comes from accounting, which is asked for it", () => {
    const asked = settled([started("x")], { kind: "pending" }, DEAD, { accounting: "not asked" });
    expect(asked.asks).toBe(true);
    expect(settled([started("x")], { kind: "pending", after: "node_fail" }, DEAD).said).toEqual(["x lost (node_fail)"]);
    expect(settled([started("x")], { kind: "pending" }, DEAD).said).toEqual(["x lost (requeued)"]);
  });
});

describe("sight", () => {
  const queue = { jobs: [], unreadable: [] };
  const row = (job: number, name: string, state: object, end?: number) => ({ id: { job, tasks: [0], rest: false }, rawId: job, name, state, ...(end === undefined ? {} : { end }) }) as never; // prettier-ignore
  const over = (how: string) => ({ phase: "ended", name: how, class: how });

  test("a number that was given out again is another's", () => {
    const sight = sightOf(queue, [row(7, "cmc-other", over("completed"), 5)]);
    expect([sight.task("t", 0), sight.jobId("t")]).toEqual([undefined, undefined]);
    expect(sight.task("other", 0)).toMatchObject({ kind: "ended", class: "completed" });
  });

  test("what accounting has no name for yet is nobody's, whatever its number", () => {
    const sight = sightOf(queue, [row(7, "allocation", over("completed"), 5)]);
    expect([sight.task("t", 0), sight.jobId("t")]).toEqual([undefined, undefined]);
  });

  test("what accounting calls running and the queue does not show is not seen", () => {
    expect(sightOf(queue, [row(7, "cmc-t", { phase: "running", name: "RUNNING" })]).task("t", 0)).toBeUndefined();
  });

  test("an array that was cancelled before it began has no end time, and has ended", () => {
    expect(sightOf(queue, [row(7, "cmc-t", over("cancelled"))]).task("t", 0)).toEqual({ kind: "ended", class: "cancelled" }); // prettier-ignore
  });

  test("SLURM tells whole seconds: an end is over when its second is", () => {
    expect(sightOf(queue, [row(7, "cmc-t", over("failed"), 5)]).task("t", 0)).toMatchObject({ at: 6000 });
  });

  test("a task that SLURM could not start and holds is one whose node failed", () => {
    const job = { jobId: 7, arrayJobId: 7, tasks: [0], name: "cmc-t", state: { phase: "pending", name: "PENDING" }, reason: "launch failed requeued held", partition: "p", restarts: 1 }; // prettier-ignore
    expect(sightOf({ jobs: [job as never], unreadable: [] }, []).task("t", 0)).toEqual({ kind: "ended", class: "boot_fail" }); // prettier-ignore
  });

  test("a task that is held after an end is queued", () => {
    const job = { jobId: 7, arrayJobId: 7, tasks: [0], name: "cmc-t", state: over("special_exit"), partition: "p", restarts: 0 }; // prettier-ignore
    expect(sightOf({ jobs: [job as never], unreadable: [] }, []).task("t", 0)).toMatchObject({ kind: "pending" });
  });
});
