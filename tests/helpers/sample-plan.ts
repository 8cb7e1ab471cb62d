// A small fixed campaign as table and plan, built by hand: two redshifts, three realizations, a task, a command and a fan-in.
// For tests of what comes after planning; nothing is compiled.
import { DigestColumn, TextColumn } from "../../src/expand/column.ts";
import type { InputColumn, JobTable, StageTable } from "../../src/expand/table.ts";
import type { CampaignIR } from "../../src/ir/campaign.ts";
import type { StageIR } from "../../src/ir/stage.ts";
import { canonicalJson, digest128 } from "../../src/ir/canonical.ts";
import { placeholder } from "../../src/ir/placeholder.ts";
import { ACTIONS, type Batch, type Plan } from "../../src/plan/types.ts";

const redshift = { name: "redshift", values: [1.4, 2] } as const;
const realization = { name: "realization", values: [0, 1, 2] } as const;

function stage(name: string, rest: Partial<StageIR>): StageIR {
  return {
    name,
    description: "",
    tags: [],
    axes: [],
    inputs: [],
    outputs: [],
    run: { kind: "task", entry: `tasks/${name}.ts#${name}` },
    code: {
      digest: digest128(`code of ${name}`),
      sources: [{ path: `tasks/${name}.ts`, digest: digest128(`source of ${name}`) }],
    },
    environment: {},
    resources: {},
    retry: { attempts: 1, backoff: { initial: 0, factor: 1, max: 0 }, escalate: {} },
    missingInput: { policy: "element", by: [] },
    gates: [],
    definedAt: { file: "campaign.ts", line: 1 },
    ...rest,
  };
}

export const SAMPLE_IR: CampaignIR = {
  irVersion: 1,
  name: "sample",
  version: "v1.0",
  description: "fixture: two redshifts, three realizations",
  tags: ["test"],
  base: "runs",
  variables: { preset: "small" },
  listings: [],
  execution: { batchSize: 4, jobType: "balanced" },
  stages: [
    stage("mock", {
      axes: [redshift, realization],
      inputs: [{ kind: "file", port: "halos", compare: "stat", optional: false }],
      outputs: [
        {
          kind: "hdf5",
          name: "catalog",
          checks: {
            datasets: { "galaxies/pos": { dtype: "f4", shape: ["n", 3], finite: 1 } },
            attributes: { z_obs: { echo: "redshift", tolerance: 1e-12 } },
            exact: false,
          },
          size: { min: 10_000 },
        },
      ],
      resources: { jobType: "gpu_intensive", walltime: 600, memory: 128e9 },
    }),
    stage("measure", {
      axes: [redshift, realization],
      inputs: [
        {
          kind: "edge",
          port: "catalog",
          from: { stage: "mock", output: "catalog" },
          join: "each",
          over: [],
        },
      ],
      outputs: [{ kind: "json", name: "spectrum" }],
      run: { kind: "command", env: { OMP_NUM_THREADS: "1" }, okExits: [0] },
      resources: { walltime: 60 },
    }),
    stage("covariance", {
      axes: [redshift],
      inputs: [
        {
          kind: "edge",
          port: "spectra",
          from: { stage: "measure", output: "spectrum" },
          join: "all",
          over: ["realization"],
        },
      ],
      outputs: [{ kind: "file", name: "matrix" }],
    }),
  ],
};

const texts = (values: readonly string[]): TextColumn => {
  const column = TextColumn.create(values.length);
  for (const value of values) column.push(value);
  return column;
};

const digests = (values: readonly string[]): DigestColumn => {
  const column = DigestColumn.create(values.length);
  values.forEach((value, row) => column.set(row, digest128(value)));
  return column;
};

interface Columns {
  readonly params: readonly string[];
  readonly output: readonly string[];
  readonly input: InputColumn;
  readonly argv?: readonly string[];
}

function stageTable(ir: StageIR, first: number, coords: readonly Uint32Array[], columns: Columns): StageTable {
  const { params, output, input, argv } = columns;
  const named = (field: string) => digests(params.map((text, i) => `${field} of ${ir.name} ${i} ${text}`));
  return {
    stage: ir,
    first,
    count: params.length,
    coords,
    params: texts(params),
    outputs: [texts(output)],
    inputs: [input],
    ...(argv ? { argv: texts(argv) } : {}),
    recipe: {
      params: named("params"),
      inputs: named("inputs"),
      upstream: named("upstream"),
      digest: named("recipe"),
      code: ir.code.digest,
      environment: digest128("environment"),
    },
  };
}

export function sampleTable(campaign: CampaignIR = SAMPLE_IR): JobTable {
  const points = redshift.values.flatMap((z, a) => realization.values.map((r, b) => ({ z, r, a, b })));
  const coords = [Uint32Array.from(points, ({ a }) => a), Uint32Array.from(points, ({ b }) => b)];
  const [mock, measure, covariance] = campaign.stages as [StageIR, StageIR, StageIR];
  const out = placeholder("output:spectrum");
  return {
    campaign,
    count: 14,
    stages: [
      stageTable(mock, 0, coords, {
        params: points.map(({ r }) => canonicalJson({ lgmpMin: 12, seed: 17 + r })),
        output: points.map(({ z, r }) => `catalogs/r${r}/mock_z${z.toFixed(3)}.hdf5`),
        input: { kind: "paths", paths: texts(points.map(({ z, r }) => `halos/ph${r}/z${z.toFixed(3)}.hdf5`)) },
      }),
      stageTable(measure, 6, coords, {
        params: points.map(() => "{}"),
        output: points.map(({ z, r }) => `spectra/r${r}/z${z.toFixed(3)}.json`),
        input: { kind: "each", row: Uint32Array.from(points, (_, i) => i) },
        argv: points.map(({ z }) =>
          canonicalJson(["python", "measure.py", `--out=${out}`, "--note", "it's $HOME", String(z)]),
        ),
      }),
      stageTable(covariance, 12, [Uint32Array.of(0, 1)], {
        params: ["{}", "{}"],
        output: ["covariance/z1.400.bin", "covariance/z2.000.bin"],
        input: {
          kind: "group",
          group: Uint32Array.of(0, 1),
          starts: Uint32Array.of(0, 3, 6),
          members: Uint32Array.of(6, 7, 8, 9, 10, 11),
        },
      }),
    ],
  };
}

/** Every job is new; batches of four. */
export function samplePlan(table: JobTable = sampleTable()): Plan {
  const batches: Batch[] = [];
  for (const { stage: ir, first, count } of table.stages)
    for (let start = 0; start < count; start += 4) {
      const rows = Uint32Array.from({ length: Math.min(4, count - start) }, (_, i) => first + start + i);
      batches.push({ id: `${ir.name}-${String(start / 4).padStart(4, "0")}`, stage: ir.name, rows });
    }
  const counts = Object.fromEntries(ACTIONS.map((action) => [action, action === "create" ? table.count : 0]));
  return {
    table,
    action: new Uint8Array(table.count),
    reason: new Uint8Array(table.count),
    details: new Map(),
    forget: [],
    batches,
    moves: new Map(),
    renamed: new Map(),
    summary: {
      campaign: table.campaign.name,
      version: table.campaign.version,
      jobs: table.count,
      counts: counts as Plan["summary"]["counts"],
      groups: [],
      refusals: [],
      partial: false,
      narrowing: [],
      notices: [],
      cost: NO_COST,
    },
    partial: false,
  };
}

const NO_COST: Plan["summary"]["cost"] = {
  runs: 0,
  expectedJobs: 0,
  fromReceipts: 0,
  outputsReplaced: 0,
  replaced: { bytes: 0, inodes: 0 },
  unit: "core",
  stages: [],
  nodeHours: {},
  coreHours: {},
  gpuHours: {},
  bytes: { least: 0 },
  inodes: { least: 0 },
};
