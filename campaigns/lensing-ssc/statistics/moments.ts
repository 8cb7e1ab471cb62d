// Mean and population variance per bin in two passes of float64. No ratios and no errors.
import type { Stack } from "./stack.ts";

export interface Moments {
  /** Rows that entered: seeds x selected rows. */
  readonly count: number;
  /** Per bin. */
  readonly mean: Float64Array;
  /** Per bin, ddof 0. */
  readonly variance: Float64Array;
}

/** Moments over the selected rows of the seeds `from <= seed < to`. */
function momentsOfSeeds(stack: Stack, rows: readonly number[], from: number, to: number): Moments {
  const { bins, values } = stack;
  const count = (to - from) * rows.length;
  const mean = new Float64Array(bins);
  const variance = new Float64Array(bins);
  for (let seed = from; seed < to; seed++) {
    for (const row of rows) {
      const start = (seed * stack.rows + row) * bins;
      for (let bin = 0; bin < bins; bin++) mean[bin]! += values[start + bin]!;
    }
  }
  for (let bin = 0; bin < bins; bin++) mean[bin] = mean[bin]! / count;
  for (let seed = from; seed < to; seed++) {
    for (const row of rows) {
      const start = (seed * stack.rows + row) * bins;
      for (let bin = 0; bin < bins; bin++) {
        const deviation = values[start + bin]! - mean[bin]!;
        variance[bin]! += deviation * deviation;
      }
    }
  }
  for (let bin = 0; bin < bins; bin++) variance[bin] = variance[bin]! / count;
  return { count, mean, variance };
}

/** All seeds together: what `numpy.var(stack[:, rows].reshape(-1, bins), axis=0)` gives. */
export function pooledMoments(stack: Stack, rows: readonly number[]): Moments {
  return momentsOfSeeds(stack, rows, 0, stack.seeds);
}

/** One entry per seed. Pooled moments of any resample of seeds follow from these exactly (see bootstrap.ts). */
export function seedMoments(stack: Stack, rows: readonly number[]): readonly Moments[] {
  return Array.from({ length: stack.seeds }, (_, seed) => momentsOfSeeds(stack, rows, seed, seed + 1));
}

/** Half a unit in the last place of float32, relative: no file can hold a smaller scatter than a few of these. */
const FLOAT32_ROUNDING = 2 ** -24;

/**
 * Bins that carry no usable scatter: in at least one seed the rows agree within float32 rounding. Such bins hold rare
 * events (no pixel beyond 4 sigma) or a constant; their variance ratio is 0/0 or decided by a handful of patches, and a
 * resample of seeds may have no variance at all. They are masked, never divided.
 */
export function degenerateBins(perSeed: readonly Moments[]): readonly boolean[] {
  const bins = perSeed[0]?.mean.length ?? 0;
  return Array.from({ length: bins }, (_, bin) =>
    perSeed.some((moments) => {
      const rounding = 8 * FLOAT32_ROUNDING * Math.abs(moments.mean[bin]!);
      return !(moments.variance[bin]! > rounding * rounding);
    }),
  );
}
