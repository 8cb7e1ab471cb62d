// What a plan costs, by hand: hours from walltimes and receipts, bytes and inodes from declared and measured sizes, what was used before.
import { describe, expect, it } from "vitest";
import type { PlanCost, StageCost } from "../../../src/plan/cost-value.ts";
import type { ResourcesIR } from "../../../src/ir/stage.ts";
import { estimate } from "../../../src/plan/estimate.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const n = (count: number) => Array.from({ length: count }, (_, i) => i);
const HOUR = 3600;

function world(spec: Partial<StageSpec> = {}, count = 4, campaign: Parameters<typeof buildTable>[1] = {}): World {
  return new World(buildTable([{ name: "a", axes: { n: n(count) }, ...spec }], campaign)).run();
}

const cost = (w: World): PlanCost => w.plan().summary.cost;
const stage = (w: World): StageCost => cost(w).stages[0]!;

/** The attempt took so long, on so many nodes. */
function took(w: World, row: number, how: "ok" | "exit" | "timeout" | "lost", seconds: number, nodes?: number): void {
  const started = w.start(row);
  if (nodes !== undefined) w.events[w.events.length - 1] = { ...started, nodes };
  const at = started.at + seconds * 1000;
  const phases =
    how === "lost"
      ? []
      : [
          { name: "start", seconds: 0 },
          { name: "run", seconds },
        ];
  w.finish(started, how, how, { at, phases, ...(how === "ok" ? { receipt: w.publish(row) } : {}) });
}

describe("hours", () => {
  it("worst: walltime x nodes, cpus, gpus of each job, one of each unless said; no gpus unless said", () => {
    const resources = ({ n }: { n?: unknown }): ResourcesIR =>
      n === 0 ? { walltime: HOUR, nodes: 4, cpus: 128, gpus: 8 } : { walltime: HOUR / 2 };
    const { nodeHours, coreHours, gpuHours, unit, stages } = cost(world({ resources }));
    expect([nodeHours.worst, coreHours.worst, gpuHours.worst]).toEqual([4 + 1.5, 128 + 1.5, 8]);
    expect(unit).toBe("node");
    expect(stages).toMatchObject([{ stage: "a", jobs: 4, walltime: HOUR, nodes: 7 }]);
  });

  it("have no bound where one job has no walltime", () => {
    const w = world({ resources: ({ n }) => (n === 0 ? {} : { walltime: 60 }) });
    expect(cost(w).nodeHours).toEqual({});
    expect(stage(w)).not.toHaveProperty("walltime");
  });

  it("expected: the median of the receipts' run times, by stage", () => {
    const w = world({ resources: { walltime: HOUR, nodes: 2 } }, 6);
    [10, 40, 20].forEach((seconds, row) => w.succeed(row, seconds));
    expect(stage(w).seconds).toEqual({ receipts: 3, median: 20, high: 40, highIs: "max" });
    expect(cost(w)).toMatchObject({ runs: 3, expectedJobs: 3, fromReceipts: 3 });
    expect(cost(w).nodeHours.expected).toBeCloseTo((3 * 2 * 20) / HOUR, 12);
  });

  it("below 20 receipts the high end is the longest, from 20 on the 99th percentile", () => {
    const high = (count: number) => {
      const w = world({}, count + 1);
      for (let row = 0; row < count; row++) w.succeed(row, row + 1);
      return stage(w).seconds!;
    };
    expect(high(19)).toEqual({ receipts: 19, median: 10, high: 19, highIs: "max" });
    expect(high(20)).toMatchObject({ receipts: 20, median: 10.5, highIs: "p99" });
    expect(high(20).high).toBeCloseTo(19.81, 9);
  });

  it("adopted outputs tell their sizes and no run times", () => {
    const w = world();
    w.finish(w.start(0), "ok", "adopted", { receipt: { ...w.publish(0), adopted: true } });
    expect(stage(w)).not.toHaveProperty("seconds");
    expect(stage(w).bytes.expected).toBe(3 * 5000);
  });
});

describe("bytes and inodes", () => {
  const outputs = { map: () => "", log: () => "" };
  const paths = (spec: Partial<StageSpec>): Partial<StageSpec> => ({
    outputs: Object.fromEntries(Object.keys(outputs).map((name) => [name, ({ n }) => `${name}/${String(n)}`])),
    ...spec,
  });

  it("without receipts: what is declared; an output without a largest size has no bound", () => {
    const both = paths({ sizes: { map: { min: 100, max: 1000 }, log: { max: 50 } } });
    expect(stage(world(both)).bytes).toEqual({ least: 400, worst: 4200 });
    expect(stage(world(paths({ sizes: { map: { min: 100, max: 1000 } } }))).bytes).toEqual({ least: 400 });
  });

  it("with receipts: the median is expected; the worst is the declared largest, else the largest that was measured", () => {
    const w = world(paths({ sizes: { map: { max: 9000 } } }));
    for (const row of [0, 1]) w.succeed(row);
    expect(stage(w).bytes).toEqual({ least: 0, expected: 2 * (5000 + 5000), worst: 2 * (9000 + 5000) });
  });

  it("a file is an inode; a folder is one and each file in it, which only receipts tell", () => {
    const w = world(paths({ dirs: ["log"] }));
    expect(stage(w).inodes).toEqual({ least: 8, expected: 4 * (1 + 1) });
    w.succeed(0);
    expect(stage(w).inodes).toEqual({ least: 6, expected: 3 * (1 + 4), worst: 3 * (1 + 4) });
  });

  it("what would be written over makes room", () => {
    const w = world(paths({ dirs: ["log"] }));
    w.succeed(0);
    const { replaced, outputsReplaced } = w.plan({ replace: (row) => row === 0 }).summary.cost;
    expect({ replaced, outputsReplaced }).toEqual({ replaced: { bytes: 10_000, inodes: 5 }, outputsReplaced: 2 });
  });
});

describe("used", () => {
  const budget = { budget: { nodeHours: 1000 } };
  const used = (w: World) => cost(w).used!;
  const resources = { walltime: HOUR, nodes: 2 };

  it("is not looked at without a budget", () => {
    expect(cost(world())).not.toHaveProperty("used");
  });

  it("every attempt that ended counts, failures included, on the nodes it had", () => {
    const w = world({ resources }, 4, budget);
    took(w, 0, "exit", 1800, 2);
    took(w, 0, "ok", 3600, 2);
    took(w, 1, "timeout", 900);
    expect(used(w).nodeHours).toBeCloseTo(1 + 2 + 0.25, 9);
  });

  it("who was found lost later ran no longer than his walltime; without one nobody knows", () => {
    const w = world({ resources }, 4, budget);
    took(w, 0, "lost", 10 * HOUR);
    expect(used(w).nodeHours).toBeCloseTo(1, 9);
    const unknown = world({}, 4, budget);
    took(unknown, 0, "lost", 10 * HOUR);
    expect(used(unknown).nodeHours).toBe(0);
  });

  it("jobs that left the campaign have used what they used, and their files stay", () => {
    const w = world({ resources }, 4, budget);
    took(w, 3, "ok", 3600, 2);
    const after = w.edited(buildTable([{ name: "a", axes: { n: n(2) }, resources }], budget));
    expect(used(after)).toMatchObject({ nodeHours: 2, bytes: 5000, inodes: 1 });
  });

  it("results that are there count, without those that the plan replaces, and with those it adopts", () => {
    const w = world({ dirs: ["out"] }, 4, budget);
    for (const row of [0, 1]) w.succeed(row);
    expect(used(w)).toMatchObject({ bytes: 10_000, inodes: 8 });
    expect(w.plan({ replace: (row) => row === 0 }).summary.cost.used).toMatchObject({ bytes: 5000, inodes: 4 });
    w.publish(2);
    expect(w.plan({ adopt: true }).summary.cost.used).toMatchObject({ bytes: 15_000, inodes: 12 });
  });

  it("an output that moved leaves its old file there", () => {
    const w = world({}, 2, budget);
    w.succeed(0);
    const moved = buildTable(
      [{ name: "a", axes: { n: n(2) }, outputs: { out: ({ n }) => `new/${String(n)}` } }],
      budget,
    );
    expect(used(w.edited(moved))).toMatchObject({ bytes: 5000 });
  });

  it("a result that was moved is there once, and was paid for once", () => {
    const w = world({ resources }, 2, budget);
    took(w, 0, "ok", 3600, 2);
    const after = w.edited(buildTable([{ name: "b", axes: { n: n(2) }, resources }], budget));
    const moved = { key: "a[n=0]", attemptId: "a[n=0]#1" };
    const written = { type: "attempt-finished", at: 2e12, key: "b[n=0]", attempt: 1, attemptId: "m1", class: "ok", message: "", phases: [{ name: "run", seconds: 3600 }], receipt: { ...after.publish(0), moved } } as const; // prettier-ignore
    after.events.push(written);
    expect(used(after)).toMatchObject({ nodeHours: 2, bytes: 5000, inodes: 1 });
    expect(stage(after).seconds).toMatchObject({ receipts: 1, median: 3600 });
  });

  it("jobs in a scheduler's hands may still use their worst case", () => {
    const w = world({ resources }, 4, budget);
    w.inFlight.set("a[n=0]", "submitted").set("a[n=1]", "unresolved");
    expect(used(w).underway).toMatchObject({ jobs: 2, nodeHours: { worst: 4 } });
    expect(cost(w).nodeHours.worst).toBe(4);
  });
});

it("an estimate is of every job, with what receipts measured, and as if nothing were used", () => {
  const w = world({ resources: { walltime: HOUR }, sizes: { out: { max: 9000 } } }, 4, { budget: { nodeHours: 3 } });
  w.succeed(0, 90);
  const { summary } = estimate(w.table, w.state());
  expect(summary.cost).toMatchObject({ runs: 4, nodeHours: { worst: 4, expected: 0.1 }, bytes: { worst: 36_000 } });
  expect(summary.cost.used).toMatchObject({ nodeHours: 0, bytes: 0 });
  expect(summary.refusals).toMatchObject([{ code: "plan/budget" }]);
  const onSite = estimate(w.table, w.state(), (stage, own) => ({ nodes: 3, ...stage.resources, ...own }));
  expect(onSite.summary.cost.nodeHours.worst).toBe(12);
});
