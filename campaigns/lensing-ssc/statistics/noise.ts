// The shape noise in the C_l of a set: is its level right, and is every patch's noise its own? Needs three values of ngal.
import { pooledMoments } from "./moments.ts";
import { everyRow, type Stack } from "./stack.ts";

export type ClByNgal = ReadonlyMap<number, Stack>;

export interface NoiseModel {
  /** Shape noise per galaxy, dimensionless. */
  readonly epsilon: number;
  /** Nominal multipole of each bin: the one the spectra are multiplied with. */
  readonly ell: readonly number[];
}

export interface NoiseLevel {
  readonly ngal: number;
  readonly bin: number;
  /** Measured mean of C_l(ngal) - C_l(0), over the expected noise level. */
  readonly ratio: number;
}

const ARCMIN = Math.PI / (180 * 60);

/** Expected l(l+1)/2pi times the white noise spectrum epsilon^2 / ngal (in sr), per bin, at the bin's nominal l. */
function expectedNoise(model: NoiseModel, ngal: number): readonly number[] {
  const white = ((model.epsilon * model.epsilon) / ngal) * ARCMIN * ARCMIN;
  return model.ell.map((l) => (white * l * (l + 1)) / (2 * Math.PI));
}

/** Measured over expected noise level for every ngal > 0 and bin, from the means over all rows. */
export function noiseLevels(spectra: ClByNgal, model: NoiseModel): readonly NoiseLevel[] {
  const noiseless = spectra.get(0);
  if (noiseless === undefined) return [];
  const meanOf = (stack: Stack) => pooledMoments(stack, everyRow(stack.rows)).mean;
  const signal = meanOf(noiseless);
  return [...spectra].flatMap(([ngal, stack]) => {
    if (ngal === 0) return [];
    const mean = meanOf(stack);
    return expectedNoise(model, ngal).map((expected, bin) => {
      return { ngal, bin, ratio: (mean[bin]! - signal[bin]!) / expected };
    });
  });
}

export interface NoiseRealisations {
  /** Patches: rows of all seeds. */
  readonly patches: number;
  /** Different noise maps among them; equal to `patches` when every patch has its own. */
  readonly distinct: number;
  /** Patches that share the most common noise map. */
  readonly largestShare: number;
}

/** Relative agreement, in every bin, of the noise power of two patches that hold the same noise map. Float32 allows 1e-4. */
const SAME_NOISE = 1e-3;

/**
 * Counts different noise maps. Where a patch's noise is one unit map scaled by ngal^-1/2,
 *
 *   C(ngal) = C(0) + X ngal^-1/2 + N / ngal
 *
 * with X the cross power with the signal, so two values of ngal give the pure noise power N of every patch. Its scatter
 * between independent maps is 1-15 % in each bin, so equal N in all bins means the same noise map. Workers that are
 * forked with one random state and never reseeded make such copies; the noise then adds almost nothing to a covariance.
 * Undefined when the set has no noiseless spectrum or fewer than two noisy ones.
 */
export function noiseRealisations(spectra: ClByNgal): NoiseRealisations | undefined {
  const noisy = [...spectra.keys()].filter((ngal) => ngal > 0).sort((a, b) => a - b);
  const [low, high] = [noisy[0], noisy[noisy.length - 1]];
  const signal = spectra.get(0);
  if (signal === undefined || low === undefined || high === undefined || low === high) return undefined;
  const lowStack = spectra.get(low);
  const highStack = spectra.get(high);
  if (lowStack === undefined || highStack === undefined) return undefined;

  const { bins } = signal;
  const patches = signal.seeds * signal.rows;
  const power = new Float64Array(bins);
  const known: { power: Float64Array; patches: number }[] = [];
  const scale = 1 / (1 / Math.sqrt(low) - 1 / Math.sqrt(high));
  for (let patch = 0; patch < patches; patch++) {
    for (let bin = 0; bin < bins; bin++) {
      const index = patch * bins + bin;
      const atLow = (lowStack.values[index]! - signal.values[index]!) * Math.sqrt(low);
      const atHigh = (highStack.values[index]! - signal.values[index]!) * Math.sqrt(high);
      power[bin] = (atLow - atHigh) * scale;
    }
    const twin = known.find((one) =>
      power.every((value, bin) => Math.abs(value - one.power[bin]!) <= SAME_NOISE * Math.abs(one.power[bin]!)),
    );
    if (twin === undefined) known.push({ power: power.slice(), patches: 1 });
    else twin.patches++;
  }
  return { patches, distinct: known.length, largestShare: Math.max(...known.map((one) => one.patches)) };
}
