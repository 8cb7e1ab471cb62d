// Resamples seeds with replacement and gives the moments of each resample. Rows of one sky are not independent; seeds are.
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Moments } from "./moments.ts";

export interface Bootstrap {
  readonly resamples: number;
  /** Seed of the generator: the same seed gives the same errors on every machine. */
  readonly seed: number;
}

/** How often each seed was drawn: one array of length `seeds` per resample; each sums to `seeds`. */
export type Draws = readonly Uint16Array[];

/** Independent draws for each of the sets, e.g. 11 bigbox and 20 tiled seeds. */
export function drawSeeds(options: Bootstrap, sets: readonly number[]): readonly Draws[] {
  const generator = xoroshiro128plus(options.seed);
  return sets.map((seeds) =>
    Array.from({ length: options.resamples }, () => {
      const times = new Uint16Array(seeds);
      for (let draw = 0; draw < seeds; draw++) {
        const seed = uniformInt(generator, 0, seeds - 1);
        times[seed]! += 1;
      }
      return times;
    }),
  );
}

export interface ResampledMoments {
  /** Per resample. */
  readonly mean: Float64Array;
  /** Per resample, ddof 0. */
  readonly variance: Float64Array;
}

/**
 * Mean and population variance of one bin for every resample. Exact for equal rows per seed: the variance of a union is
 * the mean of the variances plus the variance of the means. The means are centred first, so nothing cancels.
 */
export function resampledMoments(perSeed: readonly Moments[], bin: number, draws: Draws): ResampledMoments {
  const seeds = perSeed.length;
  const center = perSeed.reduce((sum, moments) => sum + moments.mean[bin]!, 0) / seeds;
  const offsets = Float64Array.from(perSeed, (moments) => moments.mean[bin]! - center);
  const variances = Float64Array.from(perSeed, (moments) => moments.variance[bin]!);
  const mean = new Float64Array(draws.length);
  const variance = new Float64Array(draws.length);
  draws.forEach((times, resample) => {
    let first = 0;
    let second = 0;
    let within = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const weight = times[seed]!;
      const offset = offsets[seed]!;
      first += weight * offset;
      second += weight * offset * offset;
      within += weight * variances[seed]!;
    }
    const shift = first / seeds;
    mean[resample] = center + shift;
    variance[resample] = within / seeds + (second / seeds - shift * shift);
  });
  return { mean, variance };
}

/** Standard deviation (ddof 1) of the resampled values: the bootstrap error. */
export function spread(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / (values.length - 1));
}
