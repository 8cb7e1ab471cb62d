// A stage table as a list of byte ranges and back: what is hashed and what is stored. Views, no copies.
import type { StageIR } from "../ir/stage.ts";
import { DigestColumn, TextColumn } from "./column.ts";
import { type InputColumn, type StageTable, variesInVersion } from "./table.ts";

export interface ColumnBytes {
  readonly bytes: Uint8Array;
}

export function columnsOf(stage: StageTable): ColumnBytes[] {
  const out: Uint8Array[] = [];
  const numbers = (column: Uint32Array) =>
    out.push(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  const text = (column: TextColumn) => {
    const { bytes, offsets } = column.parts();
    numbers(offsets);
    out.push(bytes);
  };
  stage.coords.forEach(numbers);
  text(stage.params);
  stage.outputs.forEach(text);
  for (const input of stage.inputs) {
    if (input.kind === "paths") [input.paths, ...(input.versions ? [input.versions] : [])].forEach(text);
    else if (input.kind === "each") numbers(input.row);
    else [input.group, input.starts, input.members].forEach(numbers);
  }
  if (stage.argv) text(stage.argv);
  if (stage.resources) text(stage.resources);
  for (const column of [stage.recipe.params, stage.recipe.inputs, stage.recipe.upstream, stage.recipe.digest])
    out.push(column.bytes);
  return out.map((bytes) => ({ bytes }));
}

/** What cannot be told from the StageIR. */
export interface StageShape {
  readonly first: number;
  readonly count: number;
  readonly resources: boolean;
  readonly code: string;
  readonly environment: string;
}

export function shapeOfTable(stage: StageTable): StageShape {
  return {
    first: stage.first,
    count: stage.count,
    resources: stage.resources !== undefined,
    code: stage.recipe.code,
    environment: stage.recipe.environment,
  };
}

/** Inverse of columnsOf; `next` gives the ranges in the same order, each starting at a multiple of four bytes. */
export function stageFromColumns(stage: StageIR, shape: StageShape, next: () => Buffer): StageTable {
  const numbers = () => {
    const bytes = next();
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  };
  const text = () => {
    const offsets = numbers();
    return TextColumn.view(next(), offsets);
  };
  const digests = () => new DigestColumn(next());
  const coords = stage.axes.map(numbers);
  const params = text();
  const outputs = stage.outputs.map(text);
  const inputs = stage.inputs.map((input): InputColumn => {
    if (input.kind !== "edge")
      return { kind: "paths", paths: text(), ...(variesInVersion(input) ? { versions: text() } : {}) };
    if (input.join === "each") return { kind: "each", row: numbers() };
    return { kind: "group", group: numbers(), starts: numbers(), members: numbers() };
  });
  const argv = stage.run.kind === "command" ? { argv: text() } : {};
  const resources = shape.resources ? { resources: text() } : {};
  const recipe = {
    params: digests(),
    inputs: digests(),
    upstream: digests(),
    digest: digests(),
    code: shape.code,
    environment: shape.environment,
  };
  return {
    stage,
    first: shape.first,
    count: shape.count,
    coords,
    params,
    outputs,
    inputs,
    ...argv,
    ...resources,
    recipe,
  };
}
