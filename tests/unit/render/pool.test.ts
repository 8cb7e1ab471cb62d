// The shape of pools: what the neediest job asks for, per stream and per allocation.
import { expect, it } from "vitest";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import type { ResourcesIR } from "../../../src/ir/stage.ts";
import { packArrays } from "../../../src/render/pack.ts";
import { poolsOf } from "../../../src/render/pool.ts";
import { type SiteDocument, siteFrom } from "../../../src/site/document.ts";
import { SAMPLE_IR, samplePlan, sampleTable } from "../../helpers/sample-plan.ts";

/** All three stages in pools, each with these resources. */
function pools(site: SiteDocument, ...resources: readonly ResourcesIR[]) {
  const stages = SAMPLE_IR.stages.map((stage, i) => ({
    ...stage,
    mode: "pool" as const,
    resources: resources[i] ?? {},
  }));
  const ir: CampaignIR = { ...SAMPLE_IR, stages };
  const there = siteFrom("test", { executor: "slurm", ...site });
  return poolsOf(packArrays(samplePlan(sampleTable(ir)), there), there);
}
const shapes = (made: ReturnType<typeof pools>) =>
  made.map(({ description: { name, arrays, lanes } }) => [
    name,
    arrays.join(" "),
    ...lanes.map(({ streams, resources }) => ({ streams, ...resources })),
  ]);

it("an allocation has room for the neediest job in each of its streams", () => {
  const made = pools(
    { pool: { streams: 8 }, resources: { memory: "1 GB" } },
    { cpus: 2, gpus: 1, walltime: 60 },
    { cpus: 4, memory: 3e9 },
  );
  expect(shapes(made)).toEqual([
    [
      "pool",
      "mock measure covariance",
      { streams: 8, nodes: 1, tasks: 8, cpus: 32, gpus: 8, memory: 24e9, walltime: 3600 },
    ],
  ]);
  expect(made[0]!.description.lanes[0]!.queue).toEqual({ options: ["--ntasks-per-node=8"] });
});

it("a stream of several nodes has them to itself", () => {
  const made = pools({ launcher: ["srun"], pool: { nodes: 6, streams: 3 } }, { nodes: 2, cpus: 64 }, { cpus: 48 });
  expect(shapes(made)).toEqual([
    ["pool", "mock measure covariance", { streams: 3, nodes: 6, tasks: 6, cpus: 192, walltime: 3600 }],
  ]);
});

it("jobs of another queue have a pool of their own; a lane for job types takes no others", () => {
  const site: SiteDocument = {
    jobTypes: { gpu_intensive: { queue: { constraint: "gpu" } } },
    lanes: [
      { name: "gpus", jobTypes: ["gpu_intensive"], qos: "premium" },
      { name: "any", cap: 3, pool: { walltime: "2h" } },
    ],
  };
  const made = pools(site, { jobType: "gpu_intensive" });
  expect(made.map(({ description }) => [description.name, description.arrays])).toEqual([
    ["pool", ["mock"]],
    ["pool-2", ["measure", "covariance"]],
  ]);
  expect(made.map(({ description }) => description.lanes.map(({ name, queue }) => [name, queue]))).toEqual([
    [
      ["gpus", { constraint: "gpu", qos: "premium", options: ["--ntasks-per-node=1"] }],
      ["any", { constraint: "gpu", options: ["--ntasks-per-node=1"] }],
    ],
    [["any", { options: ["--ntasks-per-node=1"] }]],
  ]);
});

it("refuses what no allocation could run", () => {
  expect(() => pools({ pool: { walltime: "10m" } }, { walltime: 601 })).toThrow(
    "pool of site 'test', lane main: a job asks for 601 s and an allocation lasts 600 s",
  );
  expect(() => pools({ launcher: ["srun"], pool: { nodes: 2, streams: 2 } }, { nodes: 2 })).toThrow(
    "a job asks for 2 nodes and a stream has 1",
  );
  expect(() => pools({ lanes: [{ name: "x", jobTypes: ["gpu_intensive"] }] })).toThrow(
    "no lane of site 'test' takes a pool for mock, measure, covariance",
  );
});
