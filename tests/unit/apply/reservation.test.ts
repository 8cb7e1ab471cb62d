// What a scheduler would reserve for a plan, by hand, and when the site's limit refuses it.
import { describe, expect, it } from "vitest";
import { previewOf } from "../../../src/apply/preview.ts";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import type { ResourcesIR } from "../../../src/ir/stage.ts";
import { type SiteDocument, siteFrom } from "../../../src/site/document.ts";
import { SAMPLE_IR, samplePlan, sampleTable } from "../../helpers/sample-plan.ts";

/** The sample campaign: 6 jobs of mock, 6 of measure (needs mock), 2 of covariance (needs measure). A job a task, of an hour and its grace. */
function preview(site: SiteDocument, resources: ResourcesIR = {}, mode?: "pool") {
  const stages = SAMPLE_IR.stages.map((stage) => ({
    ...stage,
    resources: { walltime: 3480, ...resources },
    ...(mode ? { mode } : {}),
  }));
  const ir: CampaignIR = { ...SAMPLE_IR, stages };
  return previewOf(samplePlan(sampleTable(ir)), siteFrom("here", { executor: "slurm", packTo: "1m", ...site }))!;
}

describe("arrays", () => {
  it("all tasks at once, for their walltime, on their nodes; in submissions of the largest array", () => {
    const { arrays, refusals } = preview({ limits: { maxArraySize: 4 } }, { nodes: 2 });
    expect(arrays.map((one) => [one.name, one.tasks, one.submissions, one.atOnce, one.reservedNodeHours])).toEqual([
      ["mock", 6, 2, 6, 12],
      ["measure", 6, 2, 6, 12],
      ["covariance", 2, 1, 2, 4],
    ]);
    expect(refusals).toEqual([]);
  });

  it("no more than the queue and its lanes take", () => {
    const lanes = [{ name: "premium", cap: 1 }, { name: "regular", cap: 2 }, { name: "gpus", cap: 9, jobTypes: ["gpu_intensive"] as const }]; // prettier-ignore
    expect(preview({ lanes }).arrays[0]).toMatchObject({ tasks: 6, atOnce: 3, reservedNodeHours: 3 });
  });

  it("is refused beyond limits.nodeHours, by how much; fewer in the queue at once pass", () => {
    expect(preview({ limits: { nodeHours: 6 } }).refusals).toEqual([]);
    expect(preview({ limits: { nodeHours: 5 } }).refusals).toEqual([
      {
        code: "plan/reservation",
        message:
          "array mock, 6 tasks, would reserve 6 node-h when submitted; site here has limits.nodeHours 5 node-h, 1 node-h too few",
      },
      {
        code: "plan/reservation",
        message:
          "array measure, 6 tasks, would reserve 6 node-h when submitted; site here has limits.nodeHours 5 node-h, 1 node-h too few",
      },
    ]);
    expect(preview({ limits: { nodeHours: 5 }, lanes: [{ name: "few", cap: 5 }] }).refusals).toEqual([]);
  });

  it("without a walltime nothing is known", () => {
    const stages = SAMPLE_IR.stages.map((stage) => ({ ...stage, resources: {} }));
    const plan = samplePlan(sampleTable({ ...SAMPLE_IR, stages }));
    const { arrays, refusals } = previewOf(plan, siteFrom("here", { executor: "slurm", limits: { nodeHours: 1 } }))!;
    expect(arrays[0]).not.toHaveProperty("reservedNodeHours");
    expect(refusals).toEqual([]);
  });
});

it("arrays that wait for nothing reserve together", () => {
  const stages = SAMPLE_IR.stages.map((stage) => ({ ...stage, inputs: [], resources: { walltime: 3480 } }));
  const table = sampleTable({ ...SAMPLE_IR, stages });
  const site = siteFrom("here", { executor: "slurm", packTo: "1m", limits: { nodeHours: 13 } });
  expect(previewOf(samplePlan(table), site)!.refusals).toMatchObject([
    {
      message:
        "array mock, 6 tasks and array measure, 6 tasks and array covariance, 2 tasks would reserve 14 node-h when submitted; site here has limits.nodeHours 13 node-h, 1 node-h too few",
    },
  ]);
});

it("a pool reserves its first allocations", () => {
  const pool = { nodes: 2, streams: 2, walltime: "2h", maxAllocations: 3 };
  const { arrays, pools, refusals } = preview({ launcher: ["srun"], pool, limits: { nodeHours: 11 } }, {}, "pool");
  expect(arrays[0]).toMatchObject({ mode: "pool", submissions: 0, atOnce: 0 });
  expect(pools).toEqual([
    {
      name: "pool",
      stages: ["mock", "measure", "covariance"],
      allocations: 3,
      nodes: 6,
      streams: 6,
      reservedNodeHours: 12,
    },
  ]);
  expect(refusals).toMatchObject([{ message: expect.stringMatching(/^pool, 3 allocations, would reserve 12 node-h/) }]);
});
