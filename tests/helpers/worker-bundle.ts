// Hand-made campaigns for worker and executor tests: a stage in a few words, its JobTable columns, and the bundle directory the worker reads.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DigestColumn, TextColumn } from "../../src/expand/column.ts";
import { type InputColumn, type JobTable, jobLine, type StageTable } from "../../src/expand/table.ts";
import type { CampaignIR } from "../../src/ir/campaign.ts";
import type { CheckpointIR, GateIR, InputIR, OutputIR, ResourcesIR, RetryIR, RunIR } from "../../src/ir/stage.ts";
import { digest128 } from "../../src/ir/canonical.ts";
import type { Json } from "../../src/ir/json.ts";
import type { Batch } from "../../src/plan/types.ts";
import { workerFiles } from "./worker-build.ts";

export interface TestInput {
  readonly ir: InputIR;
  /** External: path(s) of job i. */
  readonly paths?: (i: number) => string | readonly string[];
  /** each: upstream index of job i within the upstream stage. all and quorum: every job takes the whole upstream stage. */
  readonly each?: (i: number) => number;
}

export interface TestStage {
  readonly name: string;
  readonly count: number;
  readonly run?: RunIR;
  /** Source of the module of a task stage. */
  readonly task?: string;
  readonly argv?: (i: number) => readonly string[];
  readonly params?: (i: number) => Json;
  readonly outputs?: readonly { readonly ir: OutputIR; readonly path: (i: number) => string }[];
  readonly inputs?: readonly TestInput[];
  readonly gates?: readonly GateIR[];
  readonly node?: string;
  readonly resources?: ResourcesIR;
  readonly retry?: Partial<RetryIR>;
  readonly checkpoint?: CheckpointIR;
  /** Part of the recipe: another value is another recipe. */
  readonly salt?: string;
}

export interface TestCampaign {
  readonly home: string;
  readonly bundleDir: string;
  readonly root: string;
  readonly campaignDir: string;
  readonly table: JobTable;
  readonly batches: readonly Batch[];
  /** Job files for a plan of these batches. */
  writeJobs(batches: readonly Batch[]): void;
  remove(): void;
}

const COMMAND: RunIR = { kind: "command", env: {}, okExits: [0] };

export async function testCampaign(
  stages: readonly TestStage[],
  options: { home?: string; batchSize?: number } = {},
): Promise<TestCampaign> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), "cmc-test-"));
  const bundleDir = join(home, "bundle");
  const root = join(home, "root");
  const campaignDir = join(home, "campaign");
  for (const folder of [join(bundleDir, "jobs"), join(bundleDir, "stages"), root, campaignDir])
    mkdirSync(folder, { recursive: true });
  const table = tableOf(stages);
  const files = await workerFiles();
  for (const name of ["worker.mjs", "hdf5.mjs"]) copyFileSync(join(files, name), join(bundleDir, name));
  writeFileSync(join(bundleDir, "campaign.json"), JSON.stringify(table.campaign));
  for (const stage of stages)
    if (stage.task !== undefined) writeFileSync(join(bundleDir, "stages", `${stage.name}.mjs`), stage.task);
  const batches = batchesOf(table, options.batchSize ?? 1000);
  const writeJobs = (some: readonly Batch[]): void => {
    for (const batch of some) {
      const stage = table.stages.find((s) => s.stage.name === batch.stage)!;
      const lines = [...batch.rows].map((row) => `${JSON.stringify(jobLine(table, stage, row - stage.first))}\n`);
      writeFileSync(join(bundleDir, "jobs", `${batch.id}.jsonl`), lines.join(""));
    }
  };
  writeJobs(batches);
  return {
    home,
    bundleDir,
    root,
    campaignDir,
    table,
    batches,
    writeJobs,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

function batchesOf(table: JobTable, size: number): Batch[] {
  return table.stages.flatMap((stage) => {
    const batches: Batch[] = [];
    for (let from = 0; from < stage.count; from += size) {
      const rows = Uint32Array.from({ length: Math.min(size, stage.count - from) }, (_, i) => stage.first + from + i);
      batches.push({
        id: `${stage.stage.name}-${String(batches.length).padStart(4, "0")}`,
        stage: stage.stage.name,
        rows,
      });
    }
    return batches;
  });
}

function tableOf(stages: readonly TestStage[]): JobTable {
  const built: StageTable[] = [];
  let first = 0;
  for (const stage of stages) {
    built.push(stageTable(stage, first, built));
    first += stage.count;
  }
  const campaign: CampaignIR = {
    irVersion: 1,
    name: "test",
    version: "v1",
    description: "",
    tags: [],
    base: ".",
    variables: {},
    listings: [],
    stages: built.map((stage) => stage.stage),
    execution: { batchSize: 1000 },
  };
  return { campaign, stages: built, count: first };
}

function stageTable(stage: TestStage, first: number, upstream: readonly StageTable[]): StageTable {
  const { count } = stage;
  const text = (value: (i: number) => string): TextColumn => {
    const column = TextColumn.create(count);
    for (let i = 0; i < count; i++) column.push(value(i));
    return column;
  };
  const params = text((i) => JSON.stringify(stage.params?.(i) ?? {}));
  const argv = stage.argv && text((i) => JSON.stringify(stage.argv!(i)));
  const digests = DigestColumn.create(count);
  for (let i = 0; i < count; i++)
    digests.set(i, digest128(`${stage.name} ${stage.salt ?? ""} ${params.at(i)} ${argv?.at(i) ?? ""}`));
  return {
    stage: {
      name: stage.name,
      description: "",
      tags: [],
      axes: [{ name: "i", values: Array.from({ length: count }, (_, i) => i) }],
      inputs: (stage.inputs ?? []).map((input) => input.ir),
      outputs: (stage.outputs ?? []).map((output) => output.ir),
      run: stage.run ?? (stage.task === undefined ? COMMAND : { kind: "task", entry: `${stage.name}.ts#run` }),
      code: { digest: "00", sources: [] },
      environment: {},
      ...(stage.node ? { node: stage.node } : {}),
      resources: stage.resources ?? {},
      retry: { attempts: 1, backoff: { initial: 0.05, factor: 2, max: 1 }, escalate: {}, ...stage.retry },
      ...(stage.checkpoint ? { checkpoint: stage.checkpoint } : {}),
      missingInput: { policy: "element", by: [] },
      gates: stage.gates ?? [],
      definedAt: { file: "campaign.ts", line: 1 },
    },
    first,
    count,
    coords: [Uint32Array.from({ length: count }, (_, i) => i)],
    params,
    outputs: (stage.outputs ?? []).map((output) => text(output.path)),
    inputs: (stage.inputs ?? []).map((input) => inputColumn(input, count, upstream, text)),
    ...(argv ? { argv } : {}),
    recipe: {
      params: digests,
      inputs: digests,
      upstream: digests,
      digest: digests,
      code: "00".repeat(16),
      environment: "00".repeat(16),
    },
  };
}

function inputColumn(
  { ir, paths, each }: TestInput,
  count: number,
  upstream: readonly StageTable[],
  text: (value: (i: number) => string) => TextColumn,
): InputColumn {
  if (ir.kind === "file") return { kind: "paths", paths: text((i) => paths!(i) as string) };
  if (ir.kind === "files") return { kind: "paths", paths: text((i) => JSON.stringify(paths!(i))) };
  const from = upstream.find((stage) => stage.stage.name === ir.from.stage)!;
  if (ir.join === "each")
    return { kind: "each", row: Uint32Array.from({ length: count }, (_, i) => from.first + (each ? each(i) : i)) };
  const members = Uint32Array.from({ length: from.count }, (_, i) => from.first + i);
  return { kind: "group", group: new Uint32Array(count), starts: Uint32Array.of(0, from.count), members };
}
