// The JSON schemas: exact about every kind of thing the types allow, and nothing else.
import { describe, expect, it } from "vitest";
import type { CampaignIR } from "../../../src/ir/campaign.ts";
import type { InputIR, OutputIR, StageIR } from "../../../src/ir/stage.ts";
import { validateBundleIndex, validateIR, validateJobLine } from "../../../src/ir/schema/validate.ts";
import { jobLine } from "../../../src/expand/table.ts";
import { SAMPLE_IR, sampleTable } from "../../helpers/sample-plan.ts";

const from = { stage: "mock", output: "catalog" };
const INPUTS: readonly InputIR[] = [
  { kind: "file", port: "a", compare: "stat", optional: true },
  { kind: "files", port: "b", compare: "content", optional: false },
  { kind: "file", port: "e", compare: "version", version: "DR2", optional: false },
  { kind: "files", port: "f", compare: "version", optional: false },
  { kind: "edge", port: "c", from, join: "each", over: [] },
  { kind: "edge", port: "d", from, join: "quorum", over: ["realization"], fraction: 0.9 },
];
const OUTPUTS: readonly OutputIR[] = [
  {
    kind: "hdf5",
    name: "a",
    checks: {
      datasets: {
        x: {},
        "g/y": { dtype: "f8", shape: ["n", 3], finite: 0.5, range: { min: 0, max: 1 }, optional: true },
      },
      attributes: { p: { equals: "a" }, q: { echo: "redshift", tolerance: 0 }, r: { exists: true } },
      exact: true,
    },
    size: { min: 1, max: 2 },
  },
  { kind: "json", name: "b", schema: { type: "object" }, digest: true },
  { kind: "file", name: "c", check: ["h5ls", "x"], digest: false },
  { kind: "dir", name: "d", size: { max: 10 } },
];
const EVERYTHING: StageIR = {
  ...SAMPLE_IR.stages[0]!,
  axes: [{ name: "box", values: ["bigbox", 1.5, true], unit: "Mpc/h" }],
  inputs: INPUTS,
  outputs: OUTPUTS,
  environment: { module: ["python", 3.11], container: null },
  node: "20.11",
  inherited: ["walltime"],
  resources: { jobType: "io_intensive", walltime: 0.5, memory: 1, cpus: 1, gpus: 0, nodes: 1, tasks: 1 },
  checkpoint: { signal: "USR2", before: 90, exit: 85 },
  retry: {
    attempts: 3,
    backoff: { initial: 300, factor: 2, max: 3600 },
    escalate: { oom: { memory: 2 }, timeout: { walltime: 1.5 } },
  },
  missingInput: { policy: "quorum", by: ["box"], fraction: 0.5 },
  gates: [
    { name: "g", metric: "m", min: 0, max: 1, equals: 0.5, level: "fail", description: "x" },
    { name: "h", metric: "n", level: "warn" },
  ],
  batchSize: 3,
  mode: "pool",
};
const FULL: CampaignIR = {
  ...SAMPLE_IR,
  digests: true,
  listings: [{ name: "stats", pattern: "{box}.h5", count: 0, digest: "d" }],
  execution: { batchSize: 1, maxWorkers: 2, mode: "array", jobType: "balanced" },
  budget: { nodeHours: 500, bytes: 8e13 },
  report: { text: [from], figures: [] },
  stages: [EVERYTHING],
};

describe("campaign.schema.json", () => {
  it("accepts everything the types allow", async () => {
    expect(await validateIR(FULL)).toEqual([]);
    expect(await validateIR(SAMPLE_IR)).toEqual([]);
  });

  it("refuses a field nobody reads, wherever it stands", async () => {
    for (const at of objectsOf(FULL)) {
      const changed = structuredClone(FULL);
      (
        at.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], changed) as Record<
          string,
          unknown
        >
      )["extra"] = 1;
      expect((await validateIR(changed)).length, at.join(".")).toBeGreaterThan(0);
    }
  });

  it("says where and what", async () => {
    const problems = await validateIR({ ...SAMPLE_IR, irVersion: 2, compression: "gzip", execution: { batchSize: 0 } });
    expect(problems).toEqual([
      { at: "", message: "unknown field 'compression'" },
      { at: "/irVersion", message: "must be 1" },
      { at: "/execution/batchSize", message: "must be >= 1" },
    ]);
  });
});

/** Paths of the objects whose names the IR fixes: not maps that campaigns fill, nor free JSON. */
function objectsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  const name = path.at(-1);
  const free = name === "variables" || name === "environment" || name === "schema";
  if (free) return [];
  const map = name === "datasets" || name === "attributes" || Array.isArray(value);
  return [...(map ? [] : [path]), ...Object.entries(value).flatMap(([key, item]) => objectsOf(item, [...path, key]))];
}

describe("job.schema.json", () => {
  const table = sampleTable();

  it("accepts the lines that jobLine makes", async () => {
    for (const stage of table.stages)
      for (let i = 0; i < stage.count; i++) expect(await validateJobLine(jobLine(table, stage, i))).toEqual([]);
  });

  it("refuses unknown fields and short digests", async () => {
    const line = jobLine(table, table.stages[0]!, 0);
    const changed = { ...line, recipe: { ...line.recipe, code: "abc" }, resources: { walltimes: 3 } };
    expect((await validateJobLine(changed)).map(({ at }) => at)).toEqual(["/recipe/code", "/resources"]);
  });
});

it("bundle.schema.json refuses an index without files", async () => {
  expect((await validateBundleIndex({ schemaVersion: 1 })).length).toBe(6);
});
