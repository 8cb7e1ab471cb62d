// The budget guard and the look at free space: what is refused, by how much, with which way out.
import { describe, expect, it } from "vitest";
import { costLine } from "../../../src/cli/format/cost.ts";
import type { BudgetIR } from "../../../src/ir/campaign.ts";
import type { Refusal, Space } from "../../../src/plan/types.ts";
import { withSpace } from "../../../src/plan/space.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";
import { World } from "../../helpers/world.ts";

const HOUR = 3600;
const n = (count: number) => Array.from({ length: count }, (_, i) => i);

function world(budget: BudgetIR, spec: Partial<StageSpec>, ...more: StageSpec[]): World {
  return new World(buildTable([{ name: "a", axes: { n: n(10) }, ...spec }, ...more], { budget })).run();
}

const refusals = (w: World): readonly Refusal[] => w.plan().summary.refusals;

/** So many jobs of stage a took so long. */
function ran(w: World, jobs: number, seconds: number): World {
  for (let row = 0; row < jobs; row++) {
    const started = w.start(row);
    w.finish(started, "ok", "done", {
      at: started.at + seconds * 1000,
      phases: [{ name: "run", seconds }],
      receipt: w.publish(row),
    });
  }
  return w;
}

describe("node-hours", () => {
  const resources = { walltime: HOUR, nodes: 2 };

  it("at the budget passes; a second beyond it is refused with the excess and the dearest stage", () => {
    const small: StageSpec = { name: "b", resources: { walltime: 60 } };
    expect(refusals(world({ nodeHours: 20 + 1 / 60 }, { resources }, small))).toEqual([]);
    const [slightly] = refusals(world({ nodeHours: 20 + 59 / HOUR }, { resources }, small));
    expect(slightly!.message).toContain("the budget is 20 node-h, 1 node-s too few");
    expect(refusals(world({ nodeHours: 12 }, { resources }, small))).toEqual([
      {
        code: "plan/budget",
        message:
          "the plan may take 20 node-h; the budget is 12 node-h, 8.02 node-h too few; stage a takes most, 20 node-h for 10 jobs",
      },
    ]);
  });

  it("what was used counts; where the expectation fits, the walltime that would is named", () => {
    const [refusal] = refusals(ran(world({ nodeHours: 12 }, { resources }), 4, 900));
    expect(refusal).toEqual({
      code: "plan/budget",
      message:
        "the plan may take 12 node-h, with 1 node-h used before; the budget is 12 node-h, 1 node-h too few; stage a takes most, 12 node-h for 6 jobs",
      remedy:
        "Expected are 3 node-h from 4 receipts, which fit. So would a walltime of 55m for stage a (all its 4 measured runs took at most 900 s). Or narrow the plan, or raise the budget.",
    });
  });

  it("no walltime is proposed that would cut off what was measured, and none where the expectation does not fit", () => {
    const tight = ran(ran(world({ nodeHours: 6 }, { resources }), 4, 900), 1, 3500);
    expect(refusals(tight)[0]!.remedy).toBe("Expected are 3 node-h from 4 receipts, which fit. Narrow the plan, or raise the budget."); // prettier-ignore
    expect(refusals(ran(world({ nodeHours: 3 }, { resources }), 4, 900))[0]).not.toHaveProperty("remedy");
  });

  it("jobs underway count with their worst case", () => {
    const w = world({ nodeHours: 19 }, { resources });
    for (const i of n(5)) w.inFlight.set(`a[n=${i}]`, "submitted");
    expect(refusals(w)[0]!.message).toContain("may take 10 node-h, with 10 node-h of 5 jobs underway; the budget is 19 node-h, 1 node-h too few"); // prettier-ignore
  });

  it("a stage without a walltime cannot be held against it", () => {
    expect(refusals(world({ nodeHours: 1 }, {}))[0]!.message).toBe("stage a has no walltime: its node-hours cannot be held against a budget"); // prettier-ignore
  });

  it("nothing to run is no cost, whatever was used", () => {
    const w = ran(world({ nodeHours: 0.1 }, { resources }), 10, 900);
    expect(refusals(w)).toEqual([]);
    expect(costLine(w.plan().summary.cost)).toBe("nothing to run; budget 6 node-min (2.5 node-h used).");
  });
});

describe("bytes and inodes", () => {
  it("largest sizes and what is there, without what is replaced", () => {
    const w = world({ bytes: 95_000 }, { sizes: { out: { max: 10_000 } } });
    expect(refusals(w)[0]!.message).toBe("the plan may write 100 kB; the budget is 95.0 kB, 5.0 kB too few; stage a takes most, 100 kB for 10 jobs"); // prettier-ignore
    ran(w, 2, 10);
    expect(refusals(w)).toEqual([]);
    expect(w.plan({ replace: () => true }).summary.refusals[0]!.message).toContain("may write 100 kB; the budget");
  });

  it("sizes without a bound are refused until receipts tell how large they are", () => {
    const w = world({ bytes: 55_000 }, {});
    expect(refusals(w)[0]!.message).toBe("stage a has outputs without a largest size, and no receipts: they cannot be held against a budget"); // prettier-ignore
    expect(refusals(ran(w, 1, 10))).toEqual([]);
    expect(costLine(w.plan().summary.cost)).toContain("budget 55.0 kB (5.0 kB used).");
  });

  it("folders count with their files", () => {
    const w = world({ inodes: 39 }, { dirs: ["out"] });
    expect(refusals(w)[0]!.message).toContain("stage a makes folders of any number of files, and has no receipts");
    expect(refusals(ran(w, 1, 10))[0]!.message).toBe("the plan may make 36 inodes, with 4 inodes there already; the budget is 39 inodes, 1 inode too few; stage a takes most, 36 inodes for 9 jobs"); // prettier-ignore
  });
});

describe("free space", () => {
  const with_ = (w: World, space: Space) => withSpace(w.plan().summary, space);
  const bare = (spec: Partial<StageSpec>) => new World(buildTable([{ name: "a", axes: { n: n(10) }, ...spec }])).run();

  it("too little for the worst case is said, too little for what is expected is refused", () => {
    const w = bare({ sizes: { out: { min: 1000, max: 9000 } } });
    expect(with_(w, { bytes: 90_000, inodes: 10 })).toMatchObject({ notices: [], refusals: [] });
    expect(with_(w, { bytes: 50_000 }).notices).toEqual(["The plan may write 90.0 kB, and there are 50.0 kB free where the outputs go: 40.0 kB too few in the worst case."]); // prettier-ignore
    expect(with_(w, { bytes: 9000 }).refusals).toEqual([{ code: "plan/space", message: "the plan writes at least 10.0 kB, and there are 9.0 kB free where the outputs go: 1.0 kB too few" }]); // prettier-ignore
    expect(with_(ran(w, 2, 10), { bytes: 39_999 }).refusals[0]!.message).toContain("writes about 40.0 kB");
  });

  it("a stage without a bound hides no other", () => {
    const table = buildTable([{ name: "a", sizes: { out: { max: 9000 } } }, { name: "b" }]);
    const summary = withSpace(new World(table).plan().summary, { bytes: 8000 });
    expect(summary.notices[0]).toContain("may write 9.0 kB");
    expect(costLine(summary.cost, summary.space)).toContain("; 9.0 kB and more of 8.0 kB free.");
  });

  it("inodes run out as well; the line names them when they are scarcer than bytes", () => {
    const w = bare({ sizes: { out: { max: 1 } } });
    expect(with_(w, { bytes: 1e9, inodes: 9 }).refusals[0]!.message).toBe("the plan writes about 10 inodes, and there are 9 inodes free where the outputs go: 1 inodes too few"); // prettier-ignore
    expect(costLine(w.plan().summary.cost, { bytes: 1e9, inodes: 50 })).toContain(
      "10 B of 1.0 GB free; 10 of 50 inodes free.",
    );
  });

  it("what is replaced makes room", () => {
    const w = ran(bare({ sizes: { out: { min: 5000, max: 5000 } } }), 10, 10);
    const { summary } = w.plan({ replace: () => true });
    expect(withSpace(summary, { bytes: 0 })).toMatchObject({ notices: [], refusals: [] });
  });

  it("nothing to run needs none", () => {
    const w = ran(bare({}), 10, 10);
    expect(with_(w, { bytes: 0, inodes: 0 }).refusals).toEqual([]);
  });
});
