// Who decides about a job's resources.
import { expect, it } from "vitest";
import { resolveResources } from "../../../src/site/resources.ts";
import { siteFrom } from "../../../src/site/document.ts";
import { SAMPLE_IR } from "../../helpers/sample-plan.ts";

const site = siteFrom("test", {
  queue: { account: "m1", constraint: "cpu" },
  resources: { walltime: "1h", nodes: 1, memory: "10 GB" },
  jobTypes: {
    gpu_intensive: { queue: { constraint: "gpu" }, resources: { gpus: 4, walltime: "2h" } },
    balanced: { resources: { cpus: 4 } },
  },
});
const [mock, , covariance] = SAMPLE_IR.stages;

it("site < site job type < stage < job, and says who", () => {
  expect(resolveResources(site, SAMPLE_IR, mock!, { walltime: 30 })).toEqual({
    resources: { jobType: "gpu_intensive", walltime: 30, nodes: 1, memory: 128e9, gpus: 4 },
    queue: { account: "m1", constraint: "gpu" },
    stagger: 0,
    origins: {
      jobType: "stage",
      walltime: "job",
      nodes: "site",
      memory: "stage",
      gpus: "site job type",
      account: "site",
      constraint: "site job type",
    },
  });
});

it("what a stage has from the campaign is the campaign's word", () => {
  const stage = { ...mock!, inherited: ["memory"] as const };
  const { origins } = resolveResources(site, SAMPLE_IR, stage, { memory: 1 });
  expect(resolveResources(site, SAMPLE_IR, stage).origins.memory).toBe("campaign");
  expect(origins.memory).toBe("job");
});

it("the campaign's job type holds where the stage has none; the job's own wins", () => {
  expect(resolveResources(site, SAMPLE_IR, covariance!).resources).toMatchObject({ jobType: "balanced", cpus: 4 });
  const own = resolveResources(site, SAMPLE_IR, covariance!, { jobType: "gpu_intensive" });
  expect(own.resources).toMatchObject({ jobType: "gpu_intensive", gpus: 4 });
  expect(own.origins.jobType).toBe("job");
});

it("says nothing where nobody said anything", () => {
  const silent = { ...SAMPLE_IR, execution: { batchSize: 1 } };
  expect(resolveResources(siteFrom("none", {}), silent, covariance!)).toEqual({
    resources: {},
    queue: {},
    stagger: 0,
    origins: {},
  });
});
