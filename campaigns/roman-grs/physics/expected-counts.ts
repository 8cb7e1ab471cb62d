// How many halos and galaxies a box should hold, and how much boxes should differ. Clustering is model-spectrum.ts.
import { smoothingRadius } from "./halo-population.ts";
import type { Universe } from "./universe.ts";

export interface ExpectedCount {
  readonly mean: number;
  /** Standard deviation between boxes: Poisson, pairs in one halo, and sample variance of the field. */
  readonly sigma: number;
}

export function expectedHaloCount(universe: Universe, boxSize: number): ExpectedCount {
  const { bins, density } = universe.halos;
  const bias = bins.reduce((sum, bin) => sum + bin.density * bin.lagrangianBias, 0) / density;
  return expectedCount(universe, boxSize, density, bias, 0);
}

/** Halos in each mass bin, shape (12). */
export function expectedBinCounts(universe: Universe, boxSize: number): ExpectedCount[] {
  return universe.halos.bins.map((bin) => expectedCount(universe, boxSize, bin.density, bin.lagrangianBias, 0));
}

export function expectedGalaxyCount(universe: Universe, boxSize: number): ExpectedCount {
  const { density, lagrangianBias, oneHaloPower } = universe.galaxies;
  return expectedCount(universe, boxSize, density, lagrangianBias, density * oneHaloPower);
}

/** @param pairs mean number of neighbours inside the same halo */
function expectedCount(
  universe: Universe,
  boxSize: number,
  density: number,
  bias: number,
  pairs: number,
): ExpectedCount {
  const mean = density * boxSize ** 3;
  // A periodic box has no mean overdensity, so the field enters at second order only: N^2 b_L^4 <xi^2> / 2.
  const sample = 0.5 * mean ** 2 * bias ** 4 * meanSquareCorrelation(universe, boxSize);
  return { mean, sigma: Math.sqrt(mean * (1 + pairs) + sample) };
}

/** Average over the box of xi_R^2(r): 1/V times the integral of k^2 dk / (2 pi^2) (P W^2)^2. */
function meanSquareCorrelation({ power, growth }: Universe, boxSize: number): number {
  const step = Math.log(power.k[1]! / power.k[0]!);
  let sum = 0;
  for (let i = 0; i < power.k.length; i++) {
    const k = power.k[i]!;
    const smoothed = power.values[i]! * growth ** 2 * Math.exp(-((k * smoothingRadius) ** 2));
    if (k > (2 * Math.PI) / boxSize) sum += ((step * k ** 3) / (2 * Math.PI ** 2)) * smoothed ** 2;
  }
  return sum / boxSize ** 3;
}
