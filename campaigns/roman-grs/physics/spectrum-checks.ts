// One box's spectra against linear theory, on its four largest-scale shells. Numbers only; the thresholds are the campaign's.
import type { ModelSpectrum } from "./model-spectrum.ts";
import type { ModeShells } from "./modes.ts";
import type { MeasuredSpectrum } from "./power-spectrum.ts";
import { chiSquareTail } from "./special-functions.ts";

const lowShells = 4;

export interface SpectrumChecks {
  /** Largest |P - model| / sigma of the real-space monopole. */
  readonly lowShellsMaxPull: number;
  /** Smallest two-sided probability: N_modes (P + 1/n) / model is a chi-square with N_modes degrees, skewed when they are few. */
  readonly lowShellsMinPValue: number;
  /** P0(redshift) less its Kaiser multiple of P0(real), in units of the expected P0. */
  readonly rsdRatioDeviation: number;
  readonly rsdRatioPull: number;
  /** How far |deviation| lies beyond three of its standard errors, 0 inside. */
  readonly rsdRatioBeyondError: number;
  /** Shot noise from the mass on the mesh over V / N, minus 1. */
  readonly shotNoiseDeviation: number;
}

/** @param shotNoise V / N of the catalogue's own count, (Mpc/h)^3 */
export function checkSpectrum(
  measured: MeasuredSpectrum,
  model: ModelSpectrum,
  shells: ModeShells,
  shotNoise: number,
): SpectrumChecks {
  const low = Array.from({ length: Math.min(lowShells, shells.shells) }, (_, b) => b);
  // Signal and noise of this very box: at high redshift its own V / N differs from the expected one by more than P does.
  const expected = low.map((b) => model.p0Real[b]! + measured.shotNoise);
  const pulls = low.map((b, i) => {
    const sigma = (Math.sqrt(model.varianceReal[b]!) * expected[i]!) / (model.p0Real[b]! + model.shotNoise);
    return Math.abs(measured.p0Real[b]! - model.p0Real[b]!) / sigma;
  });
  const tails = low.map((b, i) => {
    const modes = shells.count[b]!;
    const above = chiSquareTail((modes * (measured.p0Real[b]! + measured.shotNoise)) / expected[i]!, modes);
    return 2 * Math.min(above, 1 - above);
  });
  // The cosmic variance of both spectra cancels in P0 - ratio P0Real; unlike their quotient it stays finite in noise.
  let [weights, sum] = [0, 0];
  for (const b of low) {
    const weight = 1 / model.ratioVariance[b]!;
    const kaiser = model.p0[b]! / model.p0Real[b]!;
    weights += weight;
    sum += (weight * (measured.p0[b]! - kaiser * measured.p0Real[b]!)) / model.p0[b]!;
  }
  const [deviation, error] = [sum / weights, 1 / Math.sqrt(weights)];
  return {
    lowShellsMaxPull: Math.max(...pulls),
    lowShellsMinPValue: Math.min(...tails),
    rsdRatioDeviation: deviation,
    rsdRatioPull: deviation / error,
    rsdRatioBeyondError: Math.max(0, Math.abs(deviation) - 3 * error),
    shotNoiseDeviation: Math.abs(measured.shotNoise / shotNoise - 1),
  };
}
