// Is what was measured possible at all? Checks of one statistic of one set that need no other set. Thresholds are gates.
import type { Kind } from "./layout.ts";
import type { Stack } from "./stack.ts";

/** Where something was first seen. */
export interface Place {
  readonly statistic: string;
  readonly seed: number;
  readonly row: number;
}

export interface Quality {
  nonFinite: number;
  firstNonFinite?: Place;
  /** Rows in which every bin is exactly zero: a patch whose extraction failed is returned as zeros by the authors' code. */
  zeroRows: number;
  firstZeroRow?: Place;
  /** Smallest C_l l(l+1)/2pi of any row. */
  smallestCl: number;
  /** Largest |sum(pdf) dnu - 1| over pdf, peaks and minima. */
  normalisationError: number;
  /** V0 is the area above nu: rows in which it rises with nu or leaves [0, 1]. */
  v0Violations: number;
}

export function emptyQuality(): Quality {
  return { nonFinite: 0, zeroRows: 0, smallestCl: Infinity, normalisationError: 0, v0Violations: 0 };
}

function v0Possible(values: ArrayLike<number>, start: number, bins: number): boolean {
  for (let bin = 0; bin < bins; bin++) {
    const value = values[start + bin]!;
    if (value < 0 || value > 1) return false;
    if (bin > 0 && value > values[start + bin - 1]!) return false;
  }
  return true;
}

/** Adds one statistic to `quality`. `seeds` names the seeds of the stack; `widths` are the bin widths in nu. */
export function inspect(
  quality: Quality,
  statistic: { readonly path: string; readonly kind: Kind },
  stack: Stack,
  seeds: readonly number[],
  widths: readonly number[],
): void {
  const { bins, values } = stack;
  const histogram = statistic.kind === "pdf" || statistic.kind === "peaks" || statistic.kind === "minima";
  for (let index = 0; index < stack.seeds * stack.rows; index++) {
    const start = index * bins;
    let finite = true;
    let zero = true;
    let smallest = Infinity;
    let integral = 0;
    for (let bin = 0; bin < bins; bin++) {
      const value = values[start + bin]!;
      if (!Number.isFinite(value)) finite = false;
      if (value !== 0) zero = false;
      if (value < smallest) smallest = value;
      if (histogram) integral += value * widths[bin]!;
    }
    const row = index % stack.rows;
    const place = () => ({ statistic: statistic.path, seed: seeds[(index - row) / stack.rows]!, row });
    if (!finite) {
      quality.nonFinite++;
      quality.firstNonFinite ??= place();
      continue;
    }
    if (zero) {
      quality.zeroRows++;
      quality.firstZeroRow ??= place();
    }
    if (statistic.kind === "cl" && smallest < quality.smallestCl) quality.smallestCl = smallest;
    if (histogram) quality.normalisationError = Math.max(quality.normalisationError, Math.abs(integral - 1));
    if (statistic.kind === "v0" && !v0Possible(values, start, bins)) quality.v0Violations++;
  }
}
