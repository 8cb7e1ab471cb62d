// Median, quantiles and the MAD scale of one sample, and whether that scale may be believed. Knows nothing of patches.

/** Makes the median absolute deviation of a normal sample its standard deviation: 1 / Phi^-1(3/4). */
export const MAD_TO_SIGMA = 1.4826;

/** Linear interpolation between order statistics, as numpy.quantile. `sorted` ascends. */
export function quantile(sorted: ArrayLike<number>, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const low = sorted[below]!;
  return below + 1 < sorted.length ? low + (position - below) * (sorted[below + 1]! - low) : low;
}

/** Median of |x - center|, without a second sort: the deviations below and above the centre are two sorted runs. */
export function medianAbsoluteDeviation(sorted: ArrayLike<number>, center: number): number {
  const n = sorted.length;
  let above = 0;
  while (above < n && sorted[above]! < center) above++;
  let below = above - 1;
  let previous = 0;
  let current = 0;
  for (let taken = 0; taken <= Math.floor(n / 2); taken++) {
    const left = below >= 0 ? center - sorted[below]! : Infinity;
    const right = above < n ? sorted[above]! - center : Infinity;
    previous = current;
    if (left <= right) {
      current = left;
      below--;
    } else {
      current = right;
      above++;
    }
  }
  return n % 2 === 1 ? current : (previous + current) / 2;
}

export interface RobustScale {
  readonly median: number;
  /** 1.4826 MAD, in the unit of the sample. */
  readonly sigma: number;
  /**
   * True when `sigma` describes the bulk: it is positive and the central 68 % of the sample is not wider than 1.5 sigma
   * on each side. In a bin of rare events half of the rows are (nearly) equal, the MAD collapses, and everything else
   * would look like a 100-sigma outlier: such a bin must not accuse anybody. Up to 16 % bad rows leave this test alone.
   */
  readonly credible: boolean;
}

/** Largest half width of the central 68 %, in units of 1.4826 MAD, of a bin whose MAD is believed. A normal sample has 1. */
const WIDEST_BULK = 1.5;

/** `sample` is sorted in place. */
export function robustScale(sample: Float64Array): RobustScale {
  sample.sort();
  const median = quantile(sample, 0.5);
  const sigma = MAD_TO_SIGMA * medianAbsoluteDeviation(sample, median);
  const halfWidth = (quantile(sample, 0.8413) - quantile(sample, 0.1587)) / 2;
  return { median, sigma, credible: sigma > 0 && halfWidth <= WIDEST_BULK * sigma };
}
