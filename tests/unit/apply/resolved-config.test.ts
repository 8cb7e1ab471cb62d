// campaign_config.yaml as a value: sections and names of a YAML production, with what the site gives, stage by stage.
import { expect, it } from "vitest";
import { resolvedConfig } from "../../../src/apply/resolved-config.ts";
import { loadSite } from "../../../src/site/load.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";

const MOCK: StageSpec = {
  name: "mock",
  axes: { redshift: [0.5, 1.1], realization: [3000, 3001, 3002, 3003] },
  resources: { jobType: "gpu_intensive", walltime: 600, nodes: 2, tasks: 8, gpus: 8, cpus: 256, memory: 480e9 },
  retry: { attempts: 4, backoff: { initial: 300, factor: 2, max: 3600 } },
};
const COVARIANCE: StageSpec = { name: "covariance", axes: { redshift: [0.5, 1.1] }, resources: { walltime: 3600 } };

it("counts by node and task as productions do; what all stages share stands at the top", async () => {
  const table = buildTable([MOCK, COVARIANCE], { name: "smoke", version: "v0.1", variables: { preset: "demo" } });
  const config = resolvedConfig(table, await loadSite("perlmutter", process.cwd()), "/scratch/smoke_v0.1");
  expect(Object.keys(config)).toEqual(["production", "science", "execution", "resources", "outputs"]);
  expect(config["production"]).toMatchObject({ name: "smoke", version: "v0.1" });
  const realization = { start: 3000, count: 4, step: 1 };
  expect(config["science"]).toEqual({
    redshifts: [0.5, 1.1],
    realizations: realization,
    variables: { preset: "demo" },
    stages: { mock: { redshift: [0.5, 1.1], realization }, covariance: { redshift: [0.5, 1.1] } },
  });
  expect(config["execution"]).toMatchObject({
    batch_size: 100,
    stages: {
      mock: { job_type: "gpu_intensive", timeout_hours: 0.166666666667, retry_policy: { max_retries: 3, backoff_multiplier: 2, initial_delay_minutes: 5 } },
      covariance: { timeout_hours: 1 },
    },
  }); // prettier-ignore
  expect(config["execution"]).not.toHaveProperty("timeout_hours");
  expect(config["resources"]!["stages"]).toMatchObject({
    mock: {
      constraint: "gpu",
      nodes_per_job: 2,
      tasks_per_node: 4,
      cpus_per_task: 32,
      gpus_per_node: 4,
      memory_gb: 240,
    },
  });
  expect(config["outputs"]).toMatchObject({ base_path: "/scratch/smoke_v0.1" });
});

it("an axis with other values in another stage has no name of its own at the top", async () => {
  const table = buildTable([MOCK, { ...COVARIANCE, axes: { redshift: [0.5] } }]);
  const { science } = resolvedConfig(table, await loadSite("local", process.cwd()), "/r");
  expect(science).not.toHaveProperty("redshifts");
  expect(science).toHaveProperty("realizations");
});
