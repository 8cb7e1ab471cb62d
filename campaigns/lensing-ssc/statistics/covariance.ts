// Covariance of the bins over all rows of a set, the authors' convention for it, and what proves it usable.
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { pooledMoments } from "./moments.ts";
import type { Stack } from "./stack.ts";

export interface Covariance {
  /** Rows of all seeds that entered. The rows of one sky are not independent; this is the number the authors use. */
  readonly samples: number;
  readonly bins: number;
  readonly mean: Float64Array;
  /** bins x bins, row-major, ddof 1: `numpy.cov(..., rowvar=False)`. */
  readonly values: Float64Array;
}

export function covariance(stack: Stack, rows: readonly number[]): Covariance {
  const { bins } = stack;
  const { mean, count } = pooledMoments(stack, rows);
  const values = new Float64Array(bins * bins);
  const deviation = new Float64Array(bins);
  for (let seed = 0; seed < stack.seeds; seed++) {
    for (const row of rows) {
      const start = (seed * stack.rows + row) * bins;
      for (let bin = 0; bin < bins; bin++) deviation[bin] = stack.values[start + bin]! - mean[bin]!;
      for (let i = 0; i < bins; i++) {
        for (let j = 0; j <= i; j++) {
          values[i * bins + j]! += deviation[i]! * deviation[j]!;
        }
      }
    }
  }
  for (let i = 0; i < bins; i++) {
    for (let j = 0; j <= i; j++) {
      const value = values[i * bins + j]! / (count - 1);
      values[i * bins + j] = value;
      values[j * bins + i] = value;
    }
  }
  return { samples: count, bins, mean, values };
}

/**
 * (n - p - 2) / (n - 1): what the authors multiply their covariances with before they store them, p being the bins of
 * one statistic. Hartlap et al. 2007 (eq. 17) derive this factor for C^-1; that it stands on C is the authors' choice.
 */
export function authorsFactor(samples: number, bins: number): number {
  if (samples <= bins + 2) throw new Error(`${samples} rows for ${bins} bins: the covariance needs more than bins + 2`);
  return (samples - bins - 2) / (samples - 1);
}

/** Largest |C_ij - C_ji| / sqrt(C_ii C_jj). */
export function asymmetry(values: ArrayLike<number>, bins: number): number {
  let worst = 0;
  for (let i = 0; i < bins; i++) {
    for (let j = 0; j < i; j++) {
      const scale = Math.sqrt(values[i * bins + i]! * values[j * bins + j]!);
      const difference = Math.abs(values[i * bins + j]! - values[j * bins + i]!);
      if (difference > 0) worst = Math.max(worst, difference / scale);
    }
  }
  return worst;
}

/**
 * Smallest eigenvalue of the correlation matrix of the bins in `kept`; 0 within rounding where the bins obey a sum rule
 * (a normalised PDF), clearly negative only when the matrix is no covariance. Undefined when no bin is kept.
 */
export function smallestEigenvalue(
  values: ArrayLike<number>,
  bins: number,
  kept: readonly number[],
): number | undefined {
  if (kept.length === 0) return undefined;
  const correlation = kept.map((i) =>
    kept.map((j) => values[i * bins + j]! / Math.sqrt(values[i * bins + i]! * values[j * bins + j]!)),
  );
  const decomposition = new EigenvalueDecomposition(new Matrix(correlation), { assumeSymmetric: true });
  return Math.min(...decomposition.realEigenvalues);
}
