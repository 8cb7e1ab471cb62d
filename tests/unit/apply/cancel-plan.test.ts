// What a cancel comes to, on hand-made views: whole submissions, some of their tasks, tasks that hold others' jobs, pools.
import { describe, expect, it } from "vitest";
import { cancelPlan } from "../../../src/apply/cancel-plan.ts";
import type { ClusterJob } from "../../../src/apply/cluster-jobs.ts";
import type { ClusterView, ViewedPool } from "../../../src/apply/cluster-view.ts";
import type { Event } from "../../../src/state/events.ts";
import { finished, fold, started } from "../state/support.ts";

type Standing = ClusterJob["standing"];

/** Jobs `a0`, `a1` ... in tasks of two each. */
const TASKS = [["a0", "a1"], ["a2", "a3"], ["a4", "a5"]]; // prettier-ignore
const intended = (token: string, mode: "array" | "pool" = "array"): Event => ({
  type: "submission-intended", at: 1, token, run: "r1", array: mode === "pool" ? "pool" : "a", mode, tasks: 3, jobs: 6,
}); // prettier-ignore
const job = (key: string, attempt = 1) => ({ key, type: "run", batch: "b", line: 0, attempt }) as const;

interface Made {
  readonly events?: readonly Event[];
  readonly standings?: Readonly<Record<string, Standing>>;
  readonly settled?: readonly number[];
  readonly pool?: Partial<ViewedPool>;
}

function view({ events = [], standings = {}, settled = [], pool }: Made = {}): ClusterView {
  const mode = pool ? "pool" : "array";
  const state = fold([intended("t1", mode), { type: "submission-answered", at: 2, token: "t1", jobId: 17 }, ...events]);
  const keys = [...TASKS.flat(), "later"];
  const standing = (key: string): Standing => standings[key] ?? (key === "later" ? "waiting" : "queued");
  const done = (key: string) => state.jobs.get(key)?.receipt !== undefined;
  const tasks = pool ? [] : TASKS.map((pack) => pack.map((key) => job(key)));
  return {
    state,
    problems: [],
    runs: [],
    jobs: new Map(keys.filter((key) => !done(key)).map((key) => [key, { standing: standing(key) }])),
    submissions: [
      { submission: state.submissions.get("t1")!, tasks, seen: [], settled: (task) => settled.includes(task) },
    ],
    pools: pool ? [{ run: "r1", name: "pool", folder: "/pool", packs: [], more: [], ...pool }] : [],
  };
}

const only =
  (...keys: string[]) =>
  (key: string) =>
    keys.includes(key);
const T1 = { token: "t1", jobId: 17 };

describe("cancel of array tasks", () => {
  it("takes the whole submission where everything in it is selected", () => {
    const plan = cancelPlan(view(), () => true, false);
    expect(plan).toMatchObject({ everything: true, runOn: [], neighbours: [] });
    expect(plan.submissions).toEqual([{ ...T1, tasks: [0, 1, 2], whole: true }]);
    expect(plan.hold).toEqual([...TASKS.flat(), "later"]);
  });

  it("takes the tasks whose jobs are all selected, and says which selected jobs run on", () => {
    const plan = cancelPlan(view(), only("a0", "a1", "a2"), false);
    expect(plan.submissions).toEqual([{ ...T1, tasks: [0], whole: false }]);
    expect(plan).toMatchObject({ everything: false, hold: ["a0", "a1", "a2"], runOn: ["a2"], neighbours: [] });
  });

  it("takes shared tasks as a whole when told so, and says whom it meets", () => {
    const plan = cancelPlan(view(), only("a0", "a1", "a2"), true);
    expect(plan.submissions).toEqual([{ ...T1, tasks: [0, 1], whole: false }]);
    expect(plan).toMatchObject({ hold: ["a0", "a1", "a2"], runOn: [], neighbours: ["a3"] });
  });

  it("looks at what is left only: done jobs and settled tasks are nobody's", () => {
    const events = [started("a1"), finished("a1", "ok"), started("a5"), finished("a5", "exit")];
    expect(cancelPlan(view({ events }), only("a0"), false)).toMatchObject({ runOn: [], submissions: [{ tasks: [0] }] });
    // a5 has failed, and its next attempt is none of this task's.
    expect(cancelPlan(view({ events }), only("a4"), false)).toMatchObject({ runOn: [], submissions: [{ tasks: [2] }] });
    const rest = cancelPlan(view({ events, settled: [1] }), only("a0", "a4"), false);
    expect(rest.submissions).toEqual([{ ...T1, tasks: [0, 2], whole: true }]);
    expect(cancelPlan(view({ settled: [0] }), only("a0", "a1"), false).submissions).toEqual([]);
  });

  it("holds what waits, and neither what failed nor what is held", () => {
    const standings = { a0: "failed", a1: "held", a2: "retry", later: "blocked" } as const;
    expect(cancelPlan(view({ standings }), only("a0", "a1", "a2", "later"), false).hold).toEqual(["a2", "later"]);
  });
});

describe("cancel in a pool", () => {
  const pack = (id: string, claimed: boolean, ...keys: string[]) => ({ file: `${id}.pack`, id, done: false, claimed, jobs: keys.map((key) => job(key)) }); // prettier-ignore
  const packs = [pack("p0", true, "a0", "a1"), pack("p1", false, "a2", "a3"), pack("p2", false, "a4", "a5")];

  it("takes packs that nobody has begun; one that is claimed runs on", () => {
    const plan = cancelPlan(view({ pool: { packs } }), only("a0", "a2", "a3", "a4"), false);
    expect(plan.packs).toEqual([{ folder: "/pool", pack: packs[1] }]);
    expect(plan).toMatchObject({ runOn: ["a0", "a4"], submissions: [] });
  });

  it("takes its allocations when nothing is left to do in it", () => {
    const all = cancelPlan(view({ pool: { packs } }), only(...TASKS.flat()), false);
    expect(all).toMatchObject({ runOn: [], submissions: [{ ...T1, tasks: [0], whole: true }] });
    expect(all.packs.map(({ pack: { id } }) => id)).toEqual(["p1", "p2"]);
    const more = cancelPlan(view({ pool: { packs, more: ["later"] } }), only(...TASKS.flat()), false);
    expect(more).toMatchObject({ submissions: [], runOn: ["a0", "a1"] });
  });
});
