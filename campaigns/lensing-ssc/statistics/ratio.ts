// Ratio of two sets (bigbox / tiled) in variance and in mean, per bin, with bootstrap errors. Degenerate bins are masked.
import { type Draws, resampledMoments, spread } from "./bootstrap.ts";
import { degenerateBins, type Moments, pooledMoments, seedMoments } from "./moments.ts";
import type { Stack } from "./stack.ts";

/** Per bin; null where the bin is degenerate in either set. */
export interface Ratios {
  /** Population variance of the numerator / of the denominator. */
  readonly variance: readonly (number | null)[];
  readonly varianceError: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly meanError: readonly (number | null)[];
  /** Variance ratio averaged over the bins with weights 1 / error^2, and the error of that; null when all are masked. */
  readonly overall: { readonly variance: number; readonly error: number } | null;
}

/** Rows of one set and the draws that give its errors. */
export interface Sample {
  readonly stack: Stack;
  readonly rows: readonly number[];
  readonly draws: Draws;
}

interface Measured {
  readonly pooled: Moments;
  readonly perSeed: readonly Moments[];
  readonly degenerate: readonly boolean[];
  readonly draws: Draws;
}

function measure({ stack, rows, draws }: Sample): Measured {
  if (rows.length === 0) throw new Error("no row is left in the set: a ratio needs rows");
  const perSeed = seedMoments(stack, rows);
  return { pooled: pooledMoments(stack, rows), perSeed, degenerate: degenerateBins(perSeed), draws };
}

export function ratios(numerator: Sample, denominator: Sample): Ratios {
  const above = measure(numerator);
  const below = measure(denominator);
  const bins = numerator.stack.bins;
  if (bins !== denominator.stack.bins) throw new Error(`${bins} bins against ${denominator.stack.bins}`);

  const variance = new Array<number | null>(bins).fill(null);
  const varianceError = [...variance];
  const mean = [...variance];
  const meanError = [...variance];
  const draws: Float64Array[] = [];
  for (let bin = 0; bin < bins; bin++) {
    if (above.degenerate[bin] !== false || below.degenerate[bin] !== false) continue;
    const a = resampledMoments(above.perSeed, bin, above.draws);
    const b = resampledMoments(below.perSeed, bin, below.draws);
    const varianceDraws = a.variance.map((value, draw) => value / b.variance[draw]!);
    variance[bin] = above.pooled.variance[bin]! / below.pooled.variance[bin]!;
    varianceError[bin] = spread(varianceDraws);
    mean[bin] = above.pooled.mean[bin]! / below.pooled.mean[bin]!;
    meanError[bin] = spread(a.mean.map((value, draw) => value / b.mean[draw]!));
    draws[bin] = varianceDraws;
  }
  return { variance, varianceError, mean, meanError, overall: weightedMean(variance, varianceError, draws) };
}

/** The same weights for the value and for every draw, so that the correlation of the bins is in the error. */
function weightedMean(
  variance: readonly (number | null)[],
  errors: readonly (number | null)[],
  draws: readonly Float64Array[],
): Ratios["overall"] {
  const weights = errors.map((error) => (error === null || error === 0 ? 0 : 1 / (error * error)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return null;
  const average = (values: (bin: number) => number) =>
    weights.reduce((sum, weight, bin) => (weight === 0 ? sum : sum + weight * values(bin)), 0) / total;
  const resamples = draws.find((one) => one !== undefined)?.length ?? 0;
  const averages = Float64Array.from({ length: resamples }, (_, draw) => average((bin) => (draws[bin] ?? [])[draw]!));
  return { variance: average((bin) => variance[bin] ?? 0), error: spread(averages) };
}
