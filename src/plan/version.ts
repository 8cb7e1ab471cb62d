// A version of a campaign as it is compared: its stages, and what defines each of their jobs. Of a JobTable; apply/ reads those of earlier bundles.
import { type JobTable, keyOfRow, recipeOf, type StageTable, upstreamRows } from "../expand/table.ts";
import type { StageIR } from "../ir/stage.ts";
import type { RecipeField } from "../ir/job.ts";
import type { Json } from "../ir/json.ts";

export interface Version {
  /** In topological order. */
  readonly stages: readonly StageVersion[];
}

/** Jobs by index within the stage. `undefined` where nobody recorded it. */
export interface StageVersion {
  readonly stage: StageIR;
  readonly coords: readonly Uint32Array[];
  readonly count: number;
  /** Of all that is computed. */
  digest(index: number): string;
  fields(index: number): Readonly<Partial<Record<RecipeField, string>>>;
  params(index: number): Json;
  /** Commands only. */
  argv(index: number): readonly string[] | undefined;
  /** Paths of external inputs by port. */
  external(index: number): Readonly<Record<string, Json>> | undefined;
  /** Paths by output name. No part of the recipe: where one moved, a file is missing. */
  outputs(index: number): Readonly<Record<string, string>> | undefined;
  upstream(index: number): readonly string[] | undefined;
  /** The same for jobs that share all of their upstream jobs. */
  group(index: number): string | undefined;
}

export function versionOf(table: JobTable): Version {
  return { stages: table.stages.map((stage) => stageVersion(table, stage)) };
}

function stageVersion(table: JobTable, stage: StageTable): StageVersion {
  const { stage: ir, coords, count, recipe } = stage;
  const edges = stage.inputs.filter((column) => column.kind !== "paths");
  return {
    stage: ir,
    coords,
    count,
    digest: (index) => recipe.digest.at(index),
    fields: (index) => recipeOf(stage, index),
    params: (index) => JSON.parse(stage.params.at(index)) as Json,
    argv: (index) => (stage.argv ? (JSON.parse(stage.argv.at(index)) as string[]) : undefined),
    external: (index) => externalPaths(stage, index),
    outputs: (index) => Object.fromEntries(ir.outputs.map(({ name }, o) => [name, stage.outputs[o]!.at(index)])),
    upstream: (index) =>
      edges.flatMap((column) => Array.from(upstreamRows(column, index), (row) => keyOfRow(table, row))),
    group: (index) => edges.map((column) => (column.kind === "group" ? column.group[index] : column.row[index])).join(),
  };
}

function externalPaths({ stage, inputs }: StageTable, index: number): Record<string, Json> {
  const paths: Record<string, Json> = {};
  stage.inputs.forEach(({ port, kind }, i) => {
    const column = inputs[i]!;
    if (column.kind !== "paths") return;
    const text = column.paths.at(index);
    paths[port] = kind === "files" ? (JSON.parse(text) as string[]) : text;
  });
  return paths;
}
