// The ramp: what belongs to a step, what closes the next one, who may open it, and that it is only a question of when.
import { describe, expect, it } from "vitest";
import { keyOfRow } from "../../../src/expand/table.ts";
import type { RampIR } from "../../../src/ir/campaign.ts";
import { estimate } from "../../../src/plan/estimate.ts";
import { explain } from "../../../src/plan/explain.ts";
import { rampNext } from "../../../src/plan/narrow/ramp-text.ts";
import type { Plan } from "../../../src/plan/types.ts";
import { emptyState } from "../../../src/state/reduce.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const CHI2 = { name: "chi2", metric: "chi2", max: 2, level: "warn" } as const;
const gates = (passed: boolean) => ({ gates: [{ name: "chi2", metric: "chi2", level: "warn" as const, passed, message: passed ? "chi2 = 1 within [-inf, 2]" : "chi2 = 3 is greater than 2" }] }); // prettier-ignore

function ramped(ramp: Partial<RampIR> = {}, mock: Partial<StageSpec> = {}, count = 10): World {
  const axes = { n: Array.from({ length: count }, (_, n) => n) };
  return new World(
    buildTable(
      [
        { name: "mock", axes, gates: [CHI2], inputs: { f: { file: ({ n }) => `in/${n}` } }, ...mock },
        { name: "fit", axes, inputs: { mock: { each: "mock.out" } } },
        { name: "cov", inputs: { fits: { quorum: "fit.out", over: ["n"], fraction: 0.1 } } },
      ],
      { ramp: { steps: [1, 4, "all"], failureRate: 0.1, gates: [], ...ramp } },
    ),
  )
    .provide()
    .run();
}

const runs = (plan: Plan): string[] => plan.batches.flatMap((batch) => [...batch.rows]).map((row) => keyOfRow(plan.table, row)); // prettier-ignore

function finish(world: World, from: number, to: number, passed = true): World {
  for (let n = from; n < to; n++) world.succeed(`mock[n=${n}]`, 60, gates(passed)).succeed(`fit[n=${n}]`);
  return world;
}

describe("a step", () => {
  it("is so many jobs of the source in plan order, and what needs nothing beyond; a fan-in waits for all of it", () => {
    const world = ramped();
    const plan = world.plan();
    expect(runs(plan)).toEqual(["mock[n=0]", "fit[n=0]"]);
    expect(plan.summary).toMatchObject({ partial: false, narrowing: [], counts: { create: 2, wait: 19 } });
    expect(plan.summary.ramp).toEqual({
      step: 1, steps: 3, size: 1, next: 4, jobs: 2, finished: 0, failed: 0, begun: 0, waiting: 19,
      closed: [{ why: "unfinished", text: "2 not finished" }],
    }); // prettier-ignore
    expect(plan.summary.notices).toEqual(["Ramp: step 1 of 3 (1 job). 19 jobs wait for step 2 of the ramp (4 jobs): 0 of 2 finished."]); // prettier-ignore
    expect(plan.summary.groups.filter(({ reason }) => reason === "ramp").map(({ stage, count }) => [stage, count])).toEqual([["mock", 9], ["fit", 9], ["cov", 1]]); // prettier-ignore
    finish(world, 0, 1);
    expect(runs(world.plan())).toEqual(["mock[n=1]", "mock[n=2]", "mock[n=3]", "fit[n=1]", "fit[n=2]", "fit[n=3]"]);
    finish(world, 1, 4);
    expect(runs(world.plan())).toHaveLength(13);
    expect(world.plan().summary).toMatchObject({ notices: [], ramp: { step: 3, size: "all", waiting: 0, closed: [] } });
  });

  it("counts each source stage by itself, and ends when all of them are through", () => {
    const axes = { n: [0, 1, 2] };
    const specs: StageSpec[] = [
      { name: "a", axes },
      { name: "b", axes: { m: [0, 1, 2, 3] } },
      { name: "pair", axes, inputs: { a: { each: "a.out" }, b: { all: "b.out", over: ["m"] } } },
    ];
    const world = new World(buildTable(specs, { ramp: { steps: [1, 2, "all"], failureRate: 0, gates: [] } })).run();
    expect(runs(world.plan())).toEqual(["a[n=0]", "b[m=0]"]);
    world.succeed("a[n=0]");
    expect(runs(world.plan())).toEqual(["b[m=0]"]);
    world.succeed("b[m=0]");
    expect(runs(world.plan())).toEqual(["a[n=1]", "b[m=1]"]);
    world.succeed("a[n=1]").succeed("b[m=1]");
    expect(runs(world.plan())).toHaveLength(1 + 2 + 3);
  });

  it("passes over what is blocked, and keeps its place when the file arrives late", () => {
    const world = ramped();
    world.inputs.delete("in/0");
    expect(runs(world.plan())).toEqual(["mock[n=1]", "fit[n=1]"]);
    finish(world, 1, 2);
    world.provide();
    expect(runs(world.plan()).slice(0, 3)).toEqual(["mock[n=0]", "mock[n=2]", "mock[n=3]"]);
    world.inputs.clear();
    // Nothing more will come: the quorum is made of what there is.
    expect(runs(world.plan())).toEqual(["cov"]);
    expect(world.plan().summary.ramp).toMatchObject({ step: 1, jobs: 3, finished: 2, waiting: 0 });
  });

  it("passes over what a person blocked: it did not fail", () => {
    const world = ramped().block("mock[n=0]");
    expect(runs(world.plan())).toEqual(["mock[n=1]", "fit[n=1]"]);
    finish(world, 1, 2);
    expect(world.plan().summary.ramp).toMatchObject({ step: 2, jobs: 6, failed: 0 });
    world.release("mock[n=0]");
    expect(runs(world.plan())[0]).toBe("mock[n=0]");
  });

  it("a matrix that grows closes nothing; a job that is replaced is behind those that are done; other code begins anew", () => {
    const world = finish(ramped({}, {}, 4), 0, 4).succeed("cov");
    const grown = world.edited(ramped({}, {}, 8).table).provide();
    expect(grown.plan().summary.ramp).toMatchObject({ step: 3, waiting: 0 });
    const replaced = grown.plan({ replace: (_, key) => key === "mock[n=0]" });
    expect(replaced.summary.ramp).toMatchObject({ step: 2, jobs: 6, finished: 4, waiting: 9 });
    expect(runs(replaced)[0]).toBe("mock[n=0]");
    const changed = world.edited(ramped({}, { code: "new" }, 4).table);
    expect(runs(changed.plan())).toEqual(["mock[n=0]", "fit[n=0]"]);
    expect(changed.plan().summary.counts).toMatchObject({ rerun: 2, wait: 7 });
  });

  it("is open as long as its jobs are running or to be tried again", () => {
    const world = ramped().fail("mock[n=0]", "exit");
    expect(world.plan().summary.ramp).toMatchObject({ step: 1, finished: 0, begun: 1 });
    expect(runs(world.plan())).toEqual(["mock[n=0]", "fit[n=0]"]);
    world.inFlight.set("mock[n=0]", "submitted");
    expect(world.plan().summary.ramp).toMatchObject({ step: 1, begun: 1 });
    world.inFlight.set("mock[n=0]", "unresolved");
    expect(world.plan().summary.ramp).toMatchObject({ step: 1, begun: 1, failed: 0 });
  });

  it("is never a reason to rerun", () => {
    const world = finish(ramped(), 0, 10).succeed("cov");
    for (const ramp of [undefined, { steps: [2, "all"], failureRate: 0, gates: ["chi2"] }] as const) {
      const { table } = ramped();
      const { ramp: _, ...campaign } = table.campaign;
      const after = world.edited({ ...table, campaign: { ...campaign, ...(ramp ? { ramp } : {}) } });
      expect(after.plan().summary.counts).toMatchObject({ keep: 21, wait: 0, rerun: 0 });
    }
  });

  it("is narrowed further by options, which count from what it leaves", () => {
    const world = finish(ramped(), 0, 1);
    const plan = world.plan({ limit: 1 });
    expect(runs(plan)).toEqual(["mock[n=1]"]);
    expect(plan.summary).toMatchObject({ partial: true, narrowing: [{ option: "limit", leftOut: 5 }], ramp: { step: 2, waiting: 13 } }); // prettier-ignore
    expect(runs(ramped().plan({ canary: true }))).toEqual(["mock[n=0]", "fit[n=0]"]);
  });
});

describe("the next step is closed", () => {
  const why = (world: World) => world.plan().summary.ramp!.closed.map(({ why: code, text }) => [code, text]);

  it("while too many failed, of those that the step added", () => {
    const world = finish(ramped({ failureRate: 0.25 }), 0, 2);
    for (const n of [2, 3]) for (let i = 0; i < 3; i++) world.fail(`mock[n=${n}]`, "exit");
    // Of six jobs fit[n=2] and fit[n=3] are blocked and count for nothing.
    expect(why(world)).toEqual([["failures", "2 failed, more than 25 %"]]);
    expect(world.plan().summary.ramp).toMatchObject({ step: 2, jobs: 4, finished: 4, failed: 2 });
    const spared = finish(ramped({ failureRate: 0.2 }), 0, 3);
    for (let i = 0; i < 3; i++) spared.fail("mock[n=3]", "exit");
    expect(spared.plan().summary.ramp).toMatchObject({ step: 3 });
  });

  it("while a named gate failed, whatever its level; one that is not named does not count", () => {
    expect(finish(ramped(), 0, 1, false).plan().summary.ramp).toMatchObject({ step: 2 });
    const world = finish(ramped({ gates: ["chi2"] }), 0, 1, false);
    expect(why(world)).toEqual([["gate", "gate chi2 failed (mock[n=0]: chi2 = 3 is greater than 2)"]]);
    expect(world.plan().summary.notices).toEqual([
      'Ramp: step 1 of 3 (1 job). 19 jobs wait for step 2 of the ramp (4 jobs): 2 of 2 finished, gate chi2 failed (mock[n=0]: chi2 = 3 is greater than 2); `cmc release --ramp --because "..."` opens it.',
    ]);
    expect(runs(world.plan())).toEqual([]);
  });

  it("while a receipt says nothing of a named gate; a job that failed otherwise is counted once", () => {
    const world = ramped({ gates: ["chi2"] })
      .succeed("mock[n=0]")
      .succeed("fit[n=0]");
    expect(why(world)).toEqual([["gate", "gate chi2 failed (mock[n=0]: its receipt says nothing of it)"]]);
    const failed = ramped({ gates: ["chi2"], failureRate: 1 });
    for (let i = 0; i < 3; i++) failed.fail("mock[n=0]", "exit");
    expect(failed.plan().summary.ramp).toMatchObject({ step: 2 });
    const gate = ramped({ gates: ["chi2"], failureRate: 1 }).fail("mock[n=0]", "validation", "gate", gates(false));
    expect(why(gate).map(([code]) => code)).toEqual(["gate"]);
  });

  it("and explain says which step a job belongs to, and what opens it", () => {
    const world = ramped();
    const said = explain(world.table, world.plan(), world.state(), world.observations(), world.row("mock[n=7]"));
    expect([said.action, said.reason, said.details, said.next]).toEqual([
      "wait",
      "ramp",
      [{ type: "narrowed", by: "ramp", text: "waits for step 3 of the ramp (all); step 1 is open: 0 of 2 finished" }],
      ['`cmc apply` runs it once its step is open; `cmc release --ramp --because "..."` opens the next one at once.'],
    ]);
  });
});

describe("a person's word", () => {
  const closed = () => finish(ramped({ gates: ["chi2"] }), 0, 1, false);

  it("opens the step after, and is shown with its reason", () => {
    const world = closed().releaseRamp(1, 1, "a small box");
    const { ramp, notices } = world.plan().summary;
    expect(ramp).toMatchObject({ step: 2, released: { user: "ada", reason: "a small box" } });
    expect(notices[0]).toContain('step 2 of 3 (4 jobs, opened by ada: "a small box"). 13 jobs wait');
    finish(world, 1, 4);
    expect(world.plan().summary.ramp).toMatchObject({ step: 3 });
    expect(world.plan().summary.ramp).not.toHaveProperty("released");
  });

  it("opens no more than that, and also a step that is not finished", () => {
    const world = finish(closed().releaseRamp(1, 1), 1, 3, false);
    expect(world.plan().summary.ramp).toMatchObject({ step: 2, finished: 4, closed: [{ why: "unfinished" }, { why: "gate" }] }); // prettier-ignore
    expect(world.releaseRamp(2, 4).plan().summary.ramp).toMatchObject({ step: 3, waiting: 0 });
  });

  it("holds when the matrix grows or the steps are renumbered, and not when what was seen is gone", () => {
    const world = closed().releaseRamp(1, 1);
    const spec = { steps: [1, 2, 4, "all"], gates: ["chi2"] } as const;
    expect(
      world
        .edited(ramped(spec, {}, 20).table)
        .provide()
        .plan().summary.ramp,
    ).toMatchObject({ step: 2, size: 2 });
    const changed = world.edited(ramped({ gates: ["chi2"] }, { code: "new" }).table);
    expect(changed.plan().summary.ramp).toMatchObject({ step: 1, finished: 0 });
    finish(changed, 0, 1, false);
    expect(changed.plan().summary.ramp).toMatchObject({ step: 1, closed: [{ why: "gate" }] });
    expect(changed.releaseRamp(1, 1).plan().summary.ramp).toMatchObject({ step: 2 });
  });

  it("is nothing before anything was tried", () => {
    expect(ramped().releaseRamp(1, 1).plan().summary.ramp).toMatchObject({ step: 1 });
  });
});

describe("after an apply", () => {
  const said = (world: World) => rampNext(world.plan().summary.ramp!, "`apply`", "`release`");

  it("says what the next one opens, or what is in the way", () => {
    const world = finish(ramped({ gates: ["chi2"] }), 0, 1);
    expect(said(world)).toEqual(["Step 1 of 3 of the ramp is done; `apply` opens the next (4 jobs)."]);
    world.succeed("mock[n=1]", 60, gates(true));
    expect(said(world)).toEqual(["Step 2 of 3 of the ramp (4 jobs): 1 of 6 finished."]);
    finish(world, 1, 4, false);
    expect(said(world)[0]).toMatch(/^Step 2 of 3 of the ramp \(4 jobs\): 6 of 6 finished, gate chi2 failed \(mock\[n=1\]: .* and 2 more\)\. Step 3 stays closed; `release` opens it\.$/); // prettier-ignore
    world.releaseRamp(2, 4);
    expect(said(world)).toEqual(["Step 2 of 3 of the ramp is done; `apply` opens the next (all)."]);
    finish(world, 4, 10).succeed("cov");
    expect(said(world)).toEqual([]);
    expect(said(ramped())).toEqual(["Step 1 of 3 of the ramp (1 job): 0 of 2 finished."]);
  });
});

it("an estimate is of the whole campaign, whatever the ramp", () => {
  const { batches, summary } = estimate(ramped().table, emptyState());
  expect(batches.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(21);
  expect(summary.notices).toEqual([]);
});
