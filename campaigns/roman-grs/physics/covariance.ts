// Statistics of an ensemble of spectra: mean, covariance, correlation, inverse and their sampling errors.
import { EVD, Matrix, inverse } from "ml-matrix";

/** One row per realisation, one column per bin, shape (n, p). */
export type Ensemble = readonly Float64Array[];

export interface EnsembleStatistics {
  /** Shape (p). */
  readonly mean: Float64Array;
  /** Unbiased sample covariance, divisor n - 1, shape (p, p). */
  readonly covariance: readonly Float64Array[];
  /** Shape (p, p), ones on the diagonal. */
  readonly correlation: readonly Float64Array[];
}

/** Throws with fewer than two realisations: a covariance needs a spread. */
export function ensembleStatistics(ensemble: Ensemble): EnsembleStatistics {
  const n = ensemble.length;
  const p = ensemble[0]?.length ?? 0;
  if (n < 2) throw new Error(`covariance of ${n} realisation${n === 1 ? "" : "s"}: at least 2 are needed`);
  const mean = new Float64Array(p);
  for (const row of ensemble) for (let i = 0; i < p; i++) mean[i]! += row[i]! / n;
  const covariance = Array.from({ length: p }, () => new Float64Array(p));
  for (const row of ensemble) {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < p; j++) covariance[i]![j]! += ((row[i]! - mean[i]!) * (row[j]! - mean[j]!)) / (n - 1);
    }
  }
  const sigma = covariance.map((row, i) => Math.sqrt(row[i]!));
  const correlation = covariance.map((row, i) =>
    row.map((value, j) => (i === j ? 1 : value / (sigma[i]! * sigma[j]!))),
  );
  return { mean, covariance, correlation };
}

/**
 * Factor that makes the inverse of a sample covariance unbiased, (n - p - 2) / (n - 1): Hartlap, Simon & Schneider 2007
 * (A&A 464, 399), equation 17. Undefined when n <= p + 2: the inverse does not exist or has no mean.
 */
export function hartlapFactor(realizations: number, bins: number): number | undefined {
  return realizations > bins + 2 ? (realizations - bins - 2) / (realizations - 1) : undefined;
}

/** Unbiased inverse covariance of the first `bins` bins; undefined when there are too few realisations for one. */
export function precisionMatrix(
  covariance: readonly Float64Array[],
  realizations: number,
  bins: number,
): readonly Float64Array[] | undefined {
  const factor = hartlapFactor(realizations, bins);
  if (factor === undefined) return undefined;
  const block = new Matrix(covariance.slice(0, bins).map((row) => row.slice(0, bins)));
  return inverse(block)
    .mul(factor)
    .to2DArray()
    .map((row) => Float64Array.from(row));
}

/** Eigenvalues of a symmetric matrix, ascending. All above zero: positive definite. */
export function eigenvalues(symmetric: readonly Float64Array[]): number[] {
  return [...new EVD(new Matrix(symmetric.map((row) => [...row])), { assumeSymmetric: true }).realEigenvalues].sort(
    (a, b) => a - b,
  );
}

/** Standard error of sample variance over true variance for Gaussian fields: the second term is the kurtosis of a chi-square with N_modes degrees. */
export function varianceRatioError(realizations: number, modes: number): number {
  return Math.sqrt(2 / (realizations - 1) + 12 / (modes * realizations));
}

/** Largest correlation coefficient between any two realisations' mode vectors, and who they are. */
export function closestPair(vectors: readonly Float32Array[]): {
  correlation: number;
  pair: readonly [number, number];
} {
  const unit = vectors.map((vector) => {
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    return vector.map((value) => value / norm);
  });
  let best = { correlation: -1, pair: [0, 0] as readonly [number, number] };
  for (let i = 1; i < unit.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [unit[i]!, unit[j]!];
      let dot = 0;
      for (let m = 0; m < a.length; m++) dot += a[m]! * b[m]!;
      if (dot > best.correlation) best = { correlation: dot, pair: [j, i] };
    }
  }
  return best;
}
