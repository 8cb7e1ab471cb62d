// How batches become array tasks.
import { expect, it } from "vitest";
import { TextColumn } from "../../../src/expand/column.ts";
import { type JobArray, packArrays } from "../../../src/render/pack.ts";
import { type SiteDocument, siteFrom } from "../../../src/site/site.ts";
import { samplePlan, sampleTable } from "../../helpers/sample-plan.ts";

const pack = (site: SiteDocument, plan = samplePlan()) => packArrays(plan, siteFrom("test", site));
const tasks = (arrays: readonly JobArray[]) =>
  arrays.map(({ name, slices }) => `${name} ${slices.map(({ from, to }) => to - from).join("+")}`);
const mock = (arrays: readonly JobArray[]) => arrays.find(({ name }) => name === "mock")!;

it("a batch is an array task where nothing is known about time", () => {
  expect(tasks(pack({}))).toEqual(["mock 4+2", "measure 4+2", "covariance 2"]);
});

it("packs jobs up to packTo and asks for their time together", () => {
  const arrays = pack({ packTo: "20m", resources: { walltime: "1h" } });
  expect(tasks(arrays)).toEqual(["mock 2+2+2", "measure 4+2", "covariance 1+1"]);
  expect(arrays.map(({ resources }) => resources.walltime)).toEqual([2 * 600 + 120, 4 * 60 + 120, 3600 + 120]);
});

it("packs tighter until the queue takes them all, within a batch and the longest walltime", () => {
  expect(tasks(pack({ packTo: "10m", limits: { maxSubmit: 6 }, resources: { walltime: "1m" } }))).toEqual([
    "mock 2+2+2",
    "measure 4+2",
    "covariance 2",
  ]);
  expect(() => pack({ packTo: "10m", limits: { maxSubmit: 4 } })).toThrow(
    "needs 5 array tasks and site 'test' takes 4",
  );
  const bounded = pack({ packTo: "10h", limits: { maxWalltime: "25m" } });
  expect(tasks(bounded)[0]).toBe("mock 2+2+2");
  expect(mock(bounded).resources.walltime).toBe(1320);
});

it("refuses a job that is longer than the site allows; one as long as that fits", () => {
  expect(() => pack({ limits: { maxWalltime: "5m" } })).toThrow("jobs of stage 'mock' ask for more than");
  expect(mock(pack({ packTo: "1h", limits: { maxWalltime: "10m" } })).resources.walltime).toBe(600);
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
  expect(arrays.slice(0, 2).map(({ name, queue, slices }) => [name, queue, slices])).toEqual([
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
  expect(arrays[0]!.resources.memory).toBe(300e9);
  expect(arrays[1]!.resources.memory).toBe(128e9);
});
