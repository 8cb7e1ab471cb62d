// What the halos of one redshift are expected to be: 12 mass bins with densities, biases and the masses inside. No draws.
import type { Cosmology } from "./cosmology.ts";
import { growthFactor } from "./cosmology.ts";
import type { LinearPower } from "./linear-power.ts";
import { haloAbundance } from "./mass-function.ts";

const binCount = 12;
const binWidth = 0.2;
/** Intervals of constant density inside a bin. */
const intervals = 20;
const interval = binWidth / intervals;

/** Gaussian smoothing of the Lagrangian density that halos respond to, Mpc/h. */
export const smoothingRadius = 4;

export interface HaloBin {
  /** Lower edge, log10 of Msun/h. */
  readonly logMass: number;
  /** Comoving number density, (Mpc/h)^-3. */
  readonly density: number;
  /** b_L of the rate exp(b_L delta_R): Tinker's b - 1 weighted by abundance, at most 1 / sigma_R. */
  readonly lagrangianBias: number;
  /** Densities of the intervals of 0.01 dex, (Mpc/h)^-3, shape (20). */
  readonly intervalDensity: Float64Array;
}

export interface HaloPopulation {
  readonly redshift: number;
  /** Bins of 0.2 dex upwards from `logMassMin`, shape (12). */
  readonly bins: readonly HaloBin[];
  /** Total number density, (Mpc/h)^-3. */
  readonly density: number;
}

/**
 * Halo densities and biases from Tinker 2008 and 2010.
 *
 * The cap b_L <= 1 / sigma_R keeps the one-point distribution of the rate moderate for the rarest halos.
 *
 * @param logMassMin log10 of the lowest halo mass, Msun/h
 */
export function haloPopulation(
  cosmology: Cosmology,
  power: LinearPower,
  redshift: number,
  logMassMin: number,
): HaloPopulation {
  const nodes = Array.from({ length: binCount * intervals + 1 }, (_, i) =>
    haloAbundance(cosmology, power, redshift, 10 ** (logMassMin + i * interval)),
  );
  const cap = 1 / (growthFactor(cosmology, redshift) * Math.sqrt(gaussianVariance(power, smoothingRadius)));
  const bins = Array.from({ length: binCount }, (_, bin): HaloBin => {
    const intervalDensity = new Float64Array(intervals);
    let density = 0;
    let weighted = 0;
    for (let i = 0; i < intervals; i++) {
      const low = nodes[bin * intervals + i]!;
      const high = nodes[bin * intervals + i + 1]!;
      intervalDensity[i] = (interval * (low.density + high.density)) / 2;
      density += intervalDensity[i]!;
      weighted += (interval * (low.density * low.bias + high.density * high.bias)) / 2;
    }
    const lagrangianBias = Math.min(weighted / density - 1, cap);
    return { logMass: logMassMin + bin * binWidth, density, lagrangianBias, intervalDensity };
  });
  return { redshift, bins, density: bins.reduce((sum, bin) => sum + bin.density, 0) };
}

/** Density-weighted sum over the mass intervals of every bin: the integral of `f` over the mass function. */
export function integrateOverMass(population: HaloPopulation, f: (logMass: number, bin: HaloBin) => number): number {
  let sum = 0;
  for (const bin of population.bins) {
    for (let i = 0; i < intervals; i++) {
      sum += bin.intervalDensity[i]! * f(bin.logMass + (i + 0.5) * interval, bin);
    }
  }
  return sum;
}

/** log10 mass at quantile `u` of a bin: linear in log mass inside an interval. */
export function massQuantile(bin: HaloBin, u: number): number {
  let left = u * bin.density;
  let i = 0;
  while (i < intervals - 1 && left > bin.intervalDensity[i]!) left -= bin.intervalDensity[i++]!;
  return bin.logMass + interval * (i + Math.min(left / bin.intervalDensity[i]!, 1));
}

/** Variance of today's linear density smoothed with exp(-k^2 R^2 / 2). */
function gaussianVariance(power: LinearPower, radius: number): number {
  const step = Math.log(power.k[1]! / power.k[0]!);
  let sum = 0;
  for (let i = 0; i < power.k.length; i++) {
    const k = power.k[i]!;
    sum += ((k ** 3 * power.values[i]!) / (2 * Math.PI ** 2)) * Math.exp(-((k * radius) ** 2));
  }
  return sum * step;
}
