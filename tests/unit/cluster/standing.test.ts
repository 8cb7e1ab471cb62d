// Where a job stands, and what is made of those that are ready: packs, submissions, and the brakes on them.
import { describe, expect, test } from "vitest";
import { assign } from "../../../src/executors/cluster/assign.ts";
import { brakeOf, excludedNodes } from "../../../src/executors/cluster/brakes.ts";
import type { Docket, DocketJob, Need } from "../../../src/executors/cluster/docket.ts";
import { queueRoom } from "../../../src/executors/cluster/queue-room.ts";
import { standingsOf } from "../../../src/executors/cluster/standing.ts";
import type { AttemptClass, Event } from "../../../src/state/events.ts";
import { emptyState, reduce, type State } from "../../../src/state/reduce.ts";
import { siteFrom } from "../../../src/site/document.ts";

const RETRY = { attempts: 3, backoff: { initial: 10, factor: 2, max: 15 }, escalate: { oom: { memory: 2 }, timeout: { walltime: 1.5 } } }; // prettier-ignore
const ARRAY = { name: "a", stage: "a", queue: {}, resources: { walltime: 320 }, perTask: 2, jobWalltime: 100, mode: "array" }; // prettier-ignore
const NOW = 1_000_000;
const NO_CEILING = { memory: Infinity, walltime: Infinity };

const job = (key: string, needs: readonly Need[] = []): DocketJob =>
  ({ key, stage: { retry: RETRY }, array: ARRAY, batch: "b", line: 0, first: 1, recipe: "r", needs, resources: { memory: 100, walltime: 100 } }) as unknown as DocketJob; // prettier-ignore
const site = (limits: object = {}) => siteFrom("s", { executor: "slurm", limits });
const docket = (jobs: readonly DocketJob[], limits = {}): Docket =>
  ({ run: { site: site(limits) }, jobs, arrays: new Map([["a", ARRAY]]), pools: [] }) as unknown as Docket;

/** Attempts by job, one a second until now, on one node. */
function stateWith(
  ends: Readonly<Record<string, readonly (AttemptClass | [AttemptClass, string])[]>>,
  ...more: readonly Event[]
): State {
  const events = Object.entries(ends).flatMap(([key, classes]) =>
    classes.flatMap((end, i): Event[] => {
      const [how, scheduler] = Array.isArray(end) ? end : [end, undefined];
      const at = NOW - 1000 * (classes.length - i);
      const same = { key, attempt: i + 1, attemptId: `${key}-${i}` };
      const receipt = how === "ok" ? { receipt: { recipe: { digest: "r" } } as never } : {};
      return [
        { type: "attempt-started", at, ...same, recipe: "r", host: "n1", pid: 1, batch: "b" },
        { type: "attempt-finished", at, ...same, class: how, message: how, phases: [], ...receipt, ...(scheduler === undefined ? {} : { scheduler }) },
      ];
    }),
  ); // prettier-ignore
  return [...events, ...more].reduce((state, event) => reduce(state, event), emptyState());
}

const standing = (state: State, jobs: readonly DocketJob[], ceilings = NO_CEILING, now = NOW) => [
  ...standingsOf(docket(jobs), state, new Set(["taken"]), ceilings, now).values(),
];
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

describe("a job", () => {
  test.each<[string, Parameters<typeof stateWith>[0][string], object]>([
    ["without a try is ready", [], { kind: "ready", attempt: 1 }],
    ["with a receipt is done", ["exit", "ok"], { kind: "done" }],
    ["that failed waits for its time", ["exit"], { kind: "backoff", until: NOW + 9000 }],
    ["that failed again waits longer, up to the most", ["exit", "exit"], { kind: "backoff", until: NOW + 14_000 }],
    ["is given up after its last try", ["exit", "exit", "exit"], { kind: "failed" }],
    ["with bad output is not tried again", ["validation"], { kind: "failed" }],
    ["is not blamed for a lost worker", ["lost"], { kind: "ready", attempt: 2 }],
    ["whose workers are lost again and again is", times(10, "lost"), { kind: "failed" }],
    ["is not, where others did it", times(20, ["lost", "preempted"]), { kind: "ready", attempt: 21 }],
  ])("%s", (_, ends, expected) => expect(standing(stateWith({ x: ends }), [job("x")])[0]).toMatchObject(expected));

  test("asks for more of what was too little, and for no more than there is", () => {
    const state = stateWith({ x: ["oom", "timeout"] });
    const [free] = standing(state, [job("x")], NO_CEILING, NOW * 2);
    expect(free).toMatchObject({ kind: "ready", attempt: 3, resources: { memory: 200, walltime: 150 } });
    const [bound] = standing(state, [job("x")], { memory: 150, walltime: 120 }, NOW * 2);
    expect(bound).toMatchObject({ resources: { memory: 150, walltime: 120 } });
  });

  test("in an open submission is taken; held, until a person says retry", () => {
    const held: Event = { type: "jobs-held", at: NOW, keys: ["x"], reason: "why" };
    const retry: Event = { type: "retry-requested", at: NOW, keys: ["x"], user: "u", reason: "" };
    expect(standing(stateWith({}), [job("taken")])[0]).toEqual({ kind: "taken" });
    expect(standing(stateWith({}, held), [job("x")])[0]).toEqual({ kind: "held", why: "why" });
    expect(standing(stateWith({}, held, retry), [job("x")])[0]).toMatchObject({ kind: "ready" });
  });

  test("waits for what it needs, is blocked by what will not come, and a quorum goes without it", () => {
    const failed = times(3, "exit" as const);
    const need = (quorum: boolean, needed: number): Need => ({ keys: ["u", "v", "w"], needed, quorum });
    const last = (ends: Parameters<typeof stateWith>[0], of: Need) =>
      standing(stateWith(ends), [job("u"), job("v"), job("w"), job("x", [of])]).at(-1);
    expect(last({ u: ["ok"], v: ["ok"] }, need(false, 3))).toEqual({ kind: "waiting" });
    expect(last({ u: ["ok"], v: ["ok"], w: ["ok"] }, need(false, 3))).toMatchObject({ kind: "ready", omit: [] });
    expect(last({ u: failed, v: ["ok"] }, need(false, 3))).toEqual({ kind: "blocked", by: "u" });
    expect(last({ u: failed, v: ["ok"] }, need(true, 2))).toEqual({ kind: "waiting" });
    expect(last({ u: failed, v: ["ok"], w: ["ok"] }, need(true, 2))).toMatchObject({ kind: "ready", omit: ["u"] });
    expect(last({ u: failed, v: failed, w: ["ok"] }, need(true, 2))).toMatchObject({ kind: "blocked" });
  });

  test("takes what was made before the run, but for members of its quorum that the plan says are stale", () => {
    const need: Need = { keys: ["u", "v", "w"], needed: 2, quorum: true };
    const of = (ends: Parameters<typeof stateWith>[0], stale?: Record<string, number>) => {
      const { run, ...rest } = docket([job("x", [need])]);
      const taken = { ...rest, run: { ...run, ...(stale ? { stale } : {}) } };
      return standingsOf(taken, stateWith(ends), new Set(), NO_CEILING, NOW).get("x");
    };
    const before = { u: ["ok"], v: ["ok"], w: ["ok"] } as const;
    expect(of(before)).toMatchObject({ kind: "ready", omit: [] });
    expect(of(before, { v: 2 })).toMatchObject({ kind: "ready", omit: ["v"] });
    expect(of(before, { v: 2, w: 2 })).toMatchObject({ kind: "blocked" });
    expect(of({ ...before, v: ["ok", "ok"] }, { v: 2 })).toMatchObject({ kind: "ready", omit: [] });
  });
});

describe("submissions", () => {
  const submissionsOf = (state: State, count: number, limits: object = {}) => {
    const of = docket(
      Array.from({ length: count }, (_, n) => job(`x${n}`)),
      limits,
    );
    const standings = standingsOf(of, state, new Set(), NO_CEILING, NOW * 2);
    const room = queueRoom({ jobs: [], unreadable: [] }, of.run.site);
    const { wanted, waiting } = assign(of, standings, room, of.run.site);
    return { sizes: wanted.map(({ tasks }) => tasks.map((pack) => pack.length)), more: wanted.map(({ more }) => more), walltimes: wanted.map(({ walltime }) => walltime), waiting }; // prettier-ignore
  };

  test("are packed, and no larger than an array may be; the rest waits", () => {
    expect(submissionsOf(stateWith({}), 9, { maxArraySize: 2, maxSubmit: 3 })).toEqual({
      sizes: [[2, 2], [2]], more: [undefined, undefined], walltimes: [320, 320], waiting: 2,
    }); // prettier-ignore
  });

  test("hold only jobs that ask for the same", () => {
    const { sizes, more } = submissionsOf(stateWith({ x1: ["oom"] }), 3);
    expect({ sizes, more }).toEqual({ sizes: [[2], [1]], more: [undefined, { memory: 200 }] });
  });

  test("of longer jobs have fewer in a task, where time is short", () => {
    const { sizes, walltimes } = submissionsOf(stateWith({ x0: ["timeout"], x1: ["timeout"] }), 2, { maxWalltime: "7m" }); // prettier-ignore
    expect({ sizes, walltimes }).toEqual({ sizes: [[2]], walltimes: [420] });
    expect(submissionsOf(stateWith({ x0: ["timeout"], x1: ["timeout"] }), 2, { maxWalltime: "5m" }).sizes).toEqual([[1, 1]]); // prettier-ignore
  });
});

describe("brakes", () => {
  const jobs = [job("x"), job("y")];
  const rate = { failureRate: { most: 0.5, of: 4 } };

  test("stop when too many of the last jobs failed, until a person says retry", () => {
    const four = docket(["x", "y", "z", "w"].map((key) => job(key)), rate); // prettier-ignore
    const bad = { x: ["exit"], y: ["oom"], z: ["exit"], w: ["ok"] } as const;
    expect(brakeOf(four, stateWith(bad))).toContain("3 of the last 4 jobs failed");
    expect(brakeOf(four, stateWith({ ...bad, z: ["ok"] }))).toBeUndefined();
    expect(brakeOf(four, stateWith({ x: ["exit"], y: ["exit"], z: ["exit"] }))).toBeUndefined();
    expect(brakeOf(four, stateWith({ x: ["lost"], y: ["lost"], z: ["lost"], w: ["ok"] }))).toBeUndefined();
    const retry: Event = { type: "retry-requested", at: NOW, keys: ["x"], user: "u", reason: "" };
    expect(brakeOf(four, stateWith(bad, retry))).toBeUndefined();
  });

  test("let a job that fails again and again fail: it is one", () => {
    const last = { x: ["exit", "exit", "exit"], y: ["ok"], z: ["ok"], w: ["ok"] } as const;
    const four = docket(["x", "y", "z", "w"].map((key) => job(key)), rate); // prettier-ignore
    expect(brakeOf(four, stateWith(last))).toBeUndefined();
    const standing = standingsOf(
      docket(jobs),
      stateWith({ x: ["exit"], y: ["lost"] }),
      new Set(),
      NO_CEILING,
      NOW + 60_000,
    );
    expect([standing.get("x"), standing.get("y")]).toMatchObject([{ failedBefore: true }, { failedBefore: false }]);
  });

  test("leave out a node that failed too often", () => {
    const twice = { x: [["lost", "node_fail"]], y: [["lost", "boot_fail"]] } as const;
    expect(excludedNodes(docket(jobs, { nodeFailures: 2 }), stateWith(twice as never))).toEqual(["n1"]);
    expect(excludedNodes(docket(jobs, { nodeFailures: 3 }), stateWith(twice as never))).toEqual([]);
    expect(excludedNodes(docket(jobs, { nodeFailures: 1 }), stateWith({ x: [["lost", "preempted"]] }))).toEqual([]);
  });
});
