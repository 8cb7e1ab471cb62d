// How batches become array tasks.
import { expect, it } from "vitest";
import { TextColumn } from "../../../src/expand/column.ts";
import { type JobArray, packArrays } from "../../../src/render/pack.ts";
import { type SiteDocument, siteFrom } from "../../../src/site/document.ts";
import { SAMPLE_IR, samplePlan, sampleTable } from "../../helpers/sample-plan.ts";

const pack = (site: SiteDocument, plan = samplePlan()) => packArrays(plan, siteFrom("test", site));
const tasks = (arrays: readonly JobArray[]) =>
  arrays.map(({ description: { name }, slices }) => `${name} ${slices.map(({ from, to }) => to - from).join("+")}`);
const mock = (arrays: readonly JobArray[]) => arrays.find(({ description }) => description.name === "mock")!;

it("a batch is an array task where nothing is known about time", () => {
  expect(tasks(pack({}))).toEqual(["mock 4+2", "measure 4+2", "covariance 2"]);
});

it("packs jobs up to packTo and asks for their time together", () => {
  const arrays = pack({ packTo: "20m", resources: { walltime: "1h" } });
  expect(tasks(arrays)).toEqual(["mock 2+2+2", "measure 4+2", "covariance 1+1"]);
  expect(arrays.map(({ walltime }) => walltime)).toEqual([2 * 600 + 120, 4 * 60 + 120, 3600 + 120]);
});

it("packs tighter until the queue takes them all, within a batch and the longest walltime", () => {
  expect(tasks(pack({ packTo: "10m", limits: { maxSubmit: 6 }, resources: { walltime: "1m" } }))).toEqual([
    "mock 2+2+2",
    "measure 4+2",
    "covariance 2",
  ]);
  // Where they cannot fit, the queue is filled again as it empties.
  expect(tasks(pack({ packTo: "10m", limits: { maxSubmit: 4 } }))).toEqual(["mock 4+2", "measure 4+2", "covariance 2"]);
  const bounded = pack({ packTo: "10h", limits: { maxWalltime: "25m" } });
  expect(tasks(bounded)[0]).toBe("mock 2+2+2");
  expect(mock(bounded).walltime).toBe(1320);
});

it("refuses a job that is longer than the site allows; one as long as that fits", () => {
  expect(() => pack({ limits: { maxWalltime: "5m" } })).toThrow("jobs of stage 'mock' ask for more than");
  expect(mock(pack({ packTo: "1h", limits: { maxWalltime: "10m" } })).walltime).toBe(600);
});

it("jobs that need another queue become another array; the largest need counts", () => {
  const table = sampleTable();
  const resources = TextColumn.create(6);
  for (const text of ["", "", '{"jobType":"cpu_intensive"}', "", '{"memory":300e9}', ""]) resources.push(text);
  const plan = samplePlan({
    ...table,
    stages: table.stages.map((stage, i) => (i === 0 ? { ...stage, resources } : stage)),
  });
  const arrays = pack({ jobTypes: { gpu_intensive: { queue: { partition: "gpu" } } } }, plan);
  expect(arrays.slice(0, 2).map(({ description: { name, queue }, slices }) => [name, queue, slices])).toEqual([
    [
      "mock",
      { partition: "gpu" },
      [
        { batch: "mock-0000", from: 0, to: 2 },
        { batch: "mock-0000", from: 3, to: 4 },
        { batch: "mock-0001", from: 0, to: 2 },
      ],
    ],
    ["mock-2", {}, [{ batch: "mock-0000", from: 2, to: 3 }]],
  ]);
  expect(arrays[0]!.description.resources.memory).toBe(300e9);
  expect(arrays[1]!.description.resources.memory).toBe(128e9);
});

it("says what is needed to submit more of the same: in a pool, packs of about ten minutes", () => {
  const site: SiteDocument = { executor: "slurm", packTo: "30m", resources: { cpus: 2 } };
  const described = (more: SiteDocument) => pack({ ...site, ...more }).map(({ description }) => description);
  expect(described({})[1]).toEqual({
    name: "measure",
    stage: "measure",
    queue: {},
    resources: { jobType: "balanced", cpus: 2, walltime: 4 * 60 + 120 },
    perTask: 4,
    jobWalltime: 60,
    mode: "array",
  });
  expect(described({})[2]).toMatchObject({ perTask: 2, resources: { jobType: "balanced", cpus: 2 } });
  const [mock, measure] = described({ pool: { when: "always" } });
  expect(mock).toMatchObject({ mode: "pool", perTask: 1, resources: { walltime: 600 + 120 } });
  expect(measure).toMatchObject({ mode: "pool", perTask: 4 });
});

it("no script has the name of another, or of a pool", () => {
  const renamed = (first: string, second: string) => {
    const stages = SAMPLE_IR.stages.map((stage, i) => ({ ...stage, name: [first, second, "covariance"][i]! }));
    const table = sampleTable({ ...SAMPLE_IR, stages });
    const resources = TextColumn.create(6);
    for (const text of ["", "", '{"jobType":"cpu_intensive"}', "", "", ""]) resources.push(text);
    const plan = samplePlan({ ...table, stages: table.stages.map((s, i) => (i === 0 ? { ...s, resources } : s)) });
    const site: SiteDocument = { jobTypes: { gpu_intensive: { queue: { partition: "gpu" } } } };
    return pack(site, plan).map(({ description }) => description.name);
  };
  expect(renamed("mock", "mock-2")).toEqual(["mock", "mock-3", "mock-2", "covariance"]);
  expect(renamed("pool", "pool-2")).toEqual(["pool_", "pool_-2", "pool-2_", "covariance"]);
});
