// Which file is of which job, by axis values in its path. Pure: files are given as paths below the folder of the mapping.
import { matchPattern } from "../../author/pattern.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { keyOf } from "../../expand/table.ts";
import type { Scalar } from "../../ir/json.ts";
import { axisNumber } from "../../ir/key.ts";
import type { Mapping } from "./mapping.ts";

export interface Matching {
  /** Global row -> path. */
  readonly files: ReadonlyMap<number, string>;
  /** Paths that no job of the stage has. */
  readonly strays: readonly string[];
  /** How many are of jobs that are not meant. */
  readonly others: number;
}

/** Throws adopt/ambiguous: a file of two jobs, two files of one job. `meant`: which rows. */
export function match(mapping: Mapping, paths: readonly string[], meant: (row: number) => boolean): Matching {
  const { stage, pattern } = mapping;
  const axes = pattern.fields.map((field) => stage.stage.axes.findIndex((axis) => axis.name === field.name));
  const values = axes.map((a) => new Map(stage.stage.axes[a]!.values.map((value, i) => [exactly(value), i])));
  const rows = rowsByPlace(mapping, axes);
  const files = new Map<number, string>();
  const strays: string[] = [];
  let others = 0;
  for (const path of paths) {
    const fields = matchPattern(pattern, path);
    const place = fields && pattern.fields.map(({ name }, f) => indexOf(values[f]!, fields[name]!));
    const named = place && !place.includes(undefined) ? rows.get(place.join()) : undefined;
    if (!named) strays.push(path);
    const own = named?.filter(meant) ?? [];
    if (named && own.length === 0) others += 1;
    if (own.length > 1) ambiguous(mapping, `${path} would be the file of ${keyAt(mapping, own[0]!)} and of ${keyAt(mapping, own[1]!)}`); // prettier-ignore
    if (own.length === 0) continue;
    const before = files.get(own[0]!);
    if (before !== undefined) ambiguous(mapping, `${before} and ${path} would both be the file of ${keyAt(mapping, own[0]!)}`); // prettier-ignore
    files.set(own[0]!, path);
  }
  return { files, strays, others };
}

/** Rows by the indexes of their values on these axes. */
function rowsByPlace({ stage }: Mapping, axes: readonly number[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (let i = 0; i < stage.count; i++) {
    const place = axes.map((a) => stage.coords[a]![i]!).join();
    const there = rows.get(place);
    if (there) there.push(stage.first + i);
    else rows.set(place, [stage.first + i]);
  }
  return rows;
}

/** Text and numbers apart: an axis may have both "1" and 1. */
function exactly(value: Scalar): string {
  return typeof value === "number" ? `number ${axisNumber(value)}` : `text ${String(value)}`;
}

const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Numbers count as numbers: 0.500 is 0.5, and 007 is 7 unless the axis has the text. */
function indexOf(values: ReadonlyMap<string, number>, field: string | number): number | undefined {
  const text = values.get(`text ${field}`);
  if (text !== undefined || !NUMBER.test(String(field))) return text;
  return values.get(exactly(Number(field)));
}

function keyAt({ stage }: Mapping, row: number): string {
  return keyOf(stage, row - stage.first);
}

function ambiguous({ text }: Mapping, message: string): never {
  return fail({ code: "adopt/ambiguous", message: `--from ${text}: ${message}` });
}
