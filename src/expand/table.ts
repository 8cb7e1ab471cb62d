// JobTable: every job of a campaign as columns, stage by stage. The vocabulary between compile, plan and render; no behaviour but reading.
import type { CampaignIR } from "../ir/campaign.ts";
import type { InputIR, ResourcesIR, StageIR } from "../ir/stage.ts";
import type { Json, Scalar } from "../ir/json.ts";
import type { EdgeElement, JobInput, JobLine, Recipe } from "../ir/job.ts";
import { jobKey } from "../ir/key.ts";
import type { DigestColumn, TextColumn } from "./column.ts";

export interface JobTable {
  readonly campaign: CampaignIR;
  readonly stages: readonly StageTable[];
  /** Jobs in all. */
  readonly count: number;
}

export interface StageTable {
  readonly stage: StageIR;
  /** Global row of this stage's first job. Rows count through all stages in order. */
  readonly first: number;
  readonly count: number;
  /** Per axis (order of stage.axes), the index of each job's value in axis.values. */
  readonly coords: readonly Uint32Array[];
  /** Canonical JSON of the parameters, one per job. */
  readonly params: TextColumn;
  /** Per output (order of stage.outputs), the path relative to the campaign root. */
  readonly outputs: readonly TextColumn[];
  /** Per input (order of stage.inputs): external ports have paths, edge ports have upstream rows. */
  readonly inputs: readonly InputColumn[];
  /** Commands only: canonical JSON of the argument vector with placeholders. */
  readonly argv?: TextColumn;
  /** Canonical JSON of ResourcesIR where the stage computes resources from the point; "" where the stage default holds. */
  readonly resources?: TextColumn;
  readonly recipe: RecipeColumns;
}

export type InputColumn =
  /** kind "file": a path; kind "files": a JSON array of paths. `versions` where they depend on the point. */
  | { readonly kind: "paths"; readonly paths: TextColumn; readonly versions?: TextColumn }
  /** each: upstream row (global) per job. */
  | { readonly kind: "each"; readonly row: Uint32Array }
  /** all and quorum: per job a group; a group is members[starts[g] .. starts[g+1]) (global rows). Jobs may share a group. */
  | {
      readonly kind: "group";
      readonly group: Uint32Array;
      readonly starts: Uint32Array;
      readonly members: Uint32Array;
    };

/** One digest a job for the fields that vary; code and environment are the same for a whole stage. */
export interface RecipeColumns {
  readonly params: DigestColumn;
  readonly inputs: DigestColumn;
  readonly upstream: DigestColumn;
  readonly digest: DigestColumn;
  readonly code: string;
  readonly environment: string;
  /** Jobs held to another code or environment than the stage's, by index: what their receipts have and somebody said to keep (plan/in-force.ts). */
  readonly own?: ReadonlyMap<number, { readonly code: string; readonly environment: string }>;
}

export function stageOfRow(table: JobTable, row: number): StageTable {
  for (let i = table.stages.length - 1; i >= 0; i--) if (row >= table.stages[i]!.first) return table.stages[i]!;
  throw new RangeError(`row ${row} of ${table.count}`);
}

export function stageNamed(table: JobTable, name: string): StageTable | undefined {
  return table.stages.find((s) => s.stage.name === name);
}

/** Point of the job at `index` within its stage. */
export function pointOf(stage: StageTable, index: number): Record<string, Scalar> {
  const point: Record<string, Scalar> = {};
  stage.stage.axes.forEach((axis, a) => (point[axis.name] = axis.values[stage.coords[a]![index]!]!));
  return point;
}

export function keyOf(stage: StageTable, index: number): string {
  return jobKey(stage.stage.name, pointOf(stage, index));
}

export function keyOfRow(table: JobTable, row: number): string {
  const stage = stageOfRow(table, row);
  return keyOf(stage, row - stage.first);
}

export function recipeOf(stage: StageTable, index: number): Recipe {
  const { recipe } = stage;
  const own = recipe.own?.get(index) ?? recipe;
  return {
    params: recipe.params.at(index),
    code: own.code,
    inputs: recipe.inputs.at(index),
    environment: own.environment,
    upstream: recipe.upstream.at(index),
    digest: recipe.digest.at(index),
  };
}

/** Whether the version an input is compared by is told job by job. */
export function variesInVersion(input: InputIR): boolean {
  return input.kind !== "edge" && input.compare === "version" && input.version === undefined;
}

/** Global rows a job's edge port refers to. */
export function upstreamRows(column: InputColumn, index: number): Uint32Array {
  if (column.kind === "each") return column.row.subarray(index, index + 1);
  if (column.kind === "group") {
    const g = column.group[index]!;
    return column.members.subarray(column.starts[g]!, column.starts[g + 1]!);
  }
  return new Uint32Array(0);
}

/** The job as a worker receives it. */
export function jobLine(table: JobTable, stage: StageTable, index: number): JobLine {
  const { stage: ir } = stage;
  const inputs: Record<string, JobInput> = {};
  ir.inputs.forEach((input, i) => (inputs[input.port] = jobInput(table, input, stage.inputs[i]!, index)));
  const outputs: Record<string, string> = {};
  ir.outputs.forEach((output, o) => (outputs[output.name] = stage.outputs[o]!.at(index)));
  const resources = stage.resources?.at(index);
  return {
    key: keyOf(stage, index),
    stage: ir.name,
    point: pointOf(stage, index),
    params: JSON.parse(stage.params.at(index)) as Json,
    inputs,
    outputs,
    ...(stage.argv ? { argv: JSON.parse(stage.argv.at(index)) as string[] } : {}),
    recipe: recipeOf(stage, index),
    ...(resources ? { resources: JSON.parse(resources) as ResourcesIR } : {}),
  };
}

function jobInput(table: JobTable, input: InputIR, column: InputColumn, index: number): JobInput {
  if (input.kind !== "edge") {
    if (column.kind !== "paths") throw new TypeError(`port ${input.port} has no paths`);
    const text = column.paths.at(index);
    const version = column.versions ? { version: column.versions.at(index) } : {};
    return input.kind === "file"
      ? { kind: "file", path: text, ...version }
      : { kind: "files", paths: JSON.parse(text) as string[], ...version };
  }
  const elements: EdgeElement[] = [];
  const output = (stage: StageTable) => stage.stage.outputs.findIndex((o) => o.name === input.from.output);
  for (const row of upstreamRows(column, index)) {
    const upstream = stageOfRow(table, row);
    const i = row - upstream.first;
    elements.push({
      key: keyOf(upstream, i),
      path: upstream.outputs[output(upstream)]!.at(i),
      point: pointOf(upstream, i),
    });
  }
  return { kind: "edge", elements };
}
