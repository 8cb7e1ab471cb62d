// Which part of a stage's matrix some jobs are: `realization 0..1999 x redshift {1.4, 2}`. Says so when they are not a full product.
import type { AxisIR } from "../ir/stage.ts";
import type { StageTable } from "../expand/table.ts";
import type { Scalar } from "../ir/json.ts";
import { keyValue } from "../ir/key.ts";
import { grouped } from "./grouped.ts";

/** Pieces (runs or single values) shown for one axis before they are only counted. */
const PIECES = 5;

/** All of an axis. */
export function wholeAxis(axis: AxisIR): string {
  return axisText(axis, new Uint8Array(axis.values.length).fill(1), axis.values.length);
}

/** Collects rows of one stage; memory is one byte a value of its axes. */
export class MatrixPart {
  private readonly seen: Uint8Array[];
  private count = 0;

  constructor(private readonly stage: Pick<StageTable, "stage" | "coords">) {
    this.seen = stage.stage.axes.map((axis) => new Uint8Array(axis.values.length));
  }

  add(index: number): void {
    this.count += 1;
    for (let a = 0; a < this.seen.length; a++) this.seen[a]![this.stage.coords[a]![index]!] = 1;
  }

  text(): string {
    const { axes } = this.stage.stage;
    const sizes = this.seen.map((seen) => seen.reduce((sum, one) => sum + one, 0));
    const parts = axes.map((axis, a) => axisText(axis, this.seen[a]!, sizes[a]!));
    const product = sizes.reduce((a, b) => a * b, 1);
    const holes = product === this.count ? "" : ` (${grouped(this.count)} of ${grouped(product)} combinations)`;
    return parts.join(" x ") + holes;
  }
}

function axisText(axis: AxisIR, seen: Uint8Array, count: number): string {
  const { values, name } = axis;
  if (count === 1) return `${name} ${keyValue(values[seen.indexOf(1)]!)}`;
  const runs = runsOf(values, seen);
  if (runs.length === 1 && runs[0]!.last > runs[0]!.first + 1) return `${name} ${runText(values, runs[0]!)}`;
  if (runs.length <= PIECES) return `${name} {${runs.map((run) => runText(values, run)).join(", ")}}`;
  return count === values.length
    ? `${name} (all ${grouped(count)})`
    : `${name} (${grouped(count)} of ${grouped(values.length)} values)`;
}

interface Run {
  readonly first: number;
  readonly last: number;
}

/** Values that follow one another on the axis and count upwards by one: what a reader takes `0..1999` to mean. */
function runsOf(values: readonly Scalar[], seen: Uint8Array): Run[] {
  const runs: { first: number; last: number }[] = [];
  for (let i = 0; i < values.length; i++) {
    if (seen[i] === 0) continue;
    const current = runs.at(-1);
    if (current?.last === i - 1 && counts(values[i - 1]!, values[i]!)) current.last = i;
    else runs.push({ first: i, last: i });
  }
  return runs;
}

function counts(before: Scalar, after: Scalar): boolean {
  return Number.isInteger(before) && Number.isInteger(after) && Number(after) === Number(before) + 1;
}

function runText(values: readonly Scalar[], { first, last }: Run): string {
  const from = keyValue(values[first]!);
  if (first === last) return from;
  const to = keyValue(values[last]!);
  return last === first + 1 ? `${from}, ${to}` : `${from}..${to}`;
}
