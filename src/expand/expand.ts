// Declarations and the functions of the point -> JobTable. Pure: no files, no clock; the functions answer in columns of text.
import type { CampaignIR } from "../ir/campaign.ts";
import type { StageIR } from "../ir/stage.ts";
import { TextColumn } from "./column.ts";
import { type Dimension, coordinates, rowCount } from "./coordinates.ts";
import { type EdgeFault, edgeColumn } from "./edges.ts";
import { prefixStripper } from "./prefix.ts";
import { recipeColumns } from "./recipe.ts";
import { type InputColumn, type JobTable, type StageTable, variesInVersion } from "./table.ts";

/** Some rows of a stage; values of a column are joined by newlines, which no value contains. */
export interface PointColumns {
  /** Canonical JSON; absent: `constantParams` holds for all. */
  readonly params?: string;
  readonly constantParams?: string;
  readonly outputs: readonly string[];
  readonly paths: readonly string[];
  /** Per input; "" where the version does not depend on the point. */
  readonly versions: readonly string[];
  readonly argv?: string;
  readonly resources?: string;
}

/** A campaign's functions of the point. The only thing in here that runs code of the campaign. */
export interface PointFunctions {
  /** The factors of the stage's matrix, outermost first. */
  dimensions(stage: string): readonly Dimension[];
  columns(stage: string, from: number, to: number): PointColumns;
  /** Canonical JSON of ResourcesIR from the canonical JSON of what the campaign's function returned. */
  resources(stage: string, text: string): string;
}

export interface Expanded {
  readonly table: JobTable;
  readonly faults: readonly EdgeFault[];
  /** Which of `roots` some input path lies below. */
  readonly usedRoots: ReadonlySet<string>;
}

/** Rows asked for at once: large enough that the border costs nothing, small enough for the memory. */
const CHUNK = 20_000;

/** `roots`: folders whose place must not count, by what stands for them in a fingerprint (`{input}`). */
export function expand(ir: CampaignIR, points: PointFunctions, roots: Readonly<Record<string, string>>): Expanded {
  const stages: StageTable[] = [];
  const faults: EdgeFault[] = [];
  const strip = prefixStripper(roots);
  let first = 0;
  for (const stage of ir.stages) {
    const table = expandStage(stage, first, stages, points, strip, faults);
    stages.push(table);
    first += table.count;
  }
  return { table: { campaign: ir, stages, count: first }, faults, usedRoots: strip.used };
}

function expandStage(
  stage: StageIR,
  first: number,
  upstream: readonly StageTable[],
  points: PointFunctions,
  strip: ReturnType<typeof prefixStripper>,
  faults: EdgeFault[],
): StageTable {
  const dimensions = points.dimensions(stage.name);
  const count = rowCount(dimensions);
  const coords = coordinates(dimensions, count);
  const text = textColumns(stage, count, points);
  const inputs = stage.inputs.map((input, i): InputColumn => {
    if (input.kind !== "edge") return { kind: "paths", paths: text.paths[i]!, ...versionsOf(text.versions[i]) };
    const source = upstream.find((table) => table.stage.name === input.from.stage)!;
    return edgeColumn(stage, coords, count, input, source, faults);
  });
  const { params, outputs, argv, resources } = text;
  const draft = {
    stage,
    first,
    count,
    coords,
    params,
    outputs,
    inputs,
    ...(argv ? { argv } : {}),
    ...(resources ? { resources } : {}),
  };
  return { ...draft, recipe: recipeColumns(draft, upstream, strip) };
}

function textColumns(stage: StageIR, count: number, points: PointFunctions) {
  const params = TextColumn.create(count);
  const outputs = stage.outputs.map(() => TextColumn.create(count));
  const paths = stage.inputs.map((input) => TextColumn.create(input.kind === "edge" ? 0 : count));
  const versions = stage.inputs.map((input) => (variesInVersion(input) ? TextColumn.create(count) : undefined));
  const argv = stage.run.kind === "command" ? TextColumn.create(count) : undefined;
  let resources: TextColumn | undefined;
  for (let from = 0; from < count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK);
    const chunk = points.columns(stage.name, from, to);
    if (chunk.params === undefined) for (let i = from; i < to; i++) params.push(chunk.constantParams ?? "{}");
    else pushAll(params, chunk.params);
    outputs.forEach((column, o) => pushAll(column, chunk.outputs[o]!));
    stage.inputs.forEach((input, i) => { if (input.kind !== "edge") pushAll(paths[i]!, chunk.paths[i]!); }); // prettier-ignore
    versions.forEach((column, i) => column && pushAll(column, chunk.versions[i]!));
    if (argv) pushAll(argv, chunk.argv!);
    if (chunk.resources !== undefined) {
      resources ??= TextColumn.create(count);
      for (const value of chunk.resources.split("\n")) resources.push(points.resources(stage.name, value));
    }
  }
  return { params, outputs, paths, versions, argv, resources };
}

function versionsOf(versions: TextColumn | undefined): { versions?: TextColumn } {
  return versions ? { versions } : {};
}

function pushAll(column: TextColumn, joined: string): void {
  for (const value of joined.split("\n")) column.push(value);
}
