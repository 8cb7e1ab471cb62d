// The statistics of an ensemble, shell by shell, beside linear theory, the Zel'dovich model and the Gaussian variance.
import { varianceRatioError, type EnsembleStatistics } from "./covariance.ts";
import { modelSpectrum } from "./model-spectrum.ts";
import type { ModeShells } from "./modes.ts";
import type { Universe } from "./universe.ts";
import { zeldovichShells } from "./zeldovich-spectrum.ts";

/** Powers in (Mpc/h)^3, shot noise subtracted. */
export interface ShellStatistics {
  readonly mean: number;
  /** Sample standard deviation of one box. */
  readonly sigma: number;
  /** Zel'dovich expectation. */
  readonly theory: number;
  /** Linear theory. */
  readonly linear: number;
  /** Sample variance over its Gaussian expectation 2 (P + 1/n)^2 / N_modes, taken mode by mode in redshift space. */
  readonly varianceRatio: number;
  readonly varianceRatioError: number;
}

export interface EnsembleShell {
  /** Mean wavenumber of its modes, h/Mpc. */
  readonly k: number;
  /** Modes counting k and -k. */
  readonly modes: number;
  readonly p0Real: ShellStatistics;
  readonly p0: ShellStatistics;
  readonly p2: ShellStatistics;
  /** Kaiser expectation of P0 / P0Real. */
  readonly kaiserRatio: number;
  /** Variance of ln(P0 / P0Real) in one box. */
  readonly kaiserVariance: number;
}

export interface Ensemble {
  readonly realizations: number;
  /** Mean V / N, (Mpc/h)^3. */
  readonly shotNoise: number;
  readonly p0Real: EnsembleStatistics;
  readonly p0: EnsembleStatistics;
  readonly p2: EnsembleStatistics;
}

/**
 * @param boxSize Mpc/h
 * @param gridSize cells a side of the grid the mocks were made on
 */
export function ensembleShells(
  universe: Universe,
  boxSize: number,
  gridSize: number,
  geometry: ModeShells,
  ensemble: Ensemble,
): EnsembleShell[] {
  const linear = modelSpectrum(universe, boxSize, geometry);
  const zeldovich = zeldovichShells(universe, boxSize, gridSize, geometry);
  const gaussian = { p0Real: linear.varianceReal, p0: linear.variance0, p2: linear.variance2 };
  return Array.from(geometry.count, (modes, b): EnsembleShell => {
    // The Gaussian variance follows the measured power, not the model's: the test is of the fluctuations alone.
    const measured = (name: "p0Real" | "p0"): number =>
      ((ensemble[name].mean[b]! + ensemble.shotNoise) / (linear[name][b]! + linear.shotNoise)) ** 2;
    const rescaling = { p0Real: measured("p0Real"), p0: measured("p0"), p2: measured("p0") };
    const statistics = (name: "p0Real" | "p0" | "p2"): ShellStatistics => {
      const variance = ensemble[name].covariance[b]![b]!;
      return {
        mean: ensemble[name].mean[b]!,
        sigma: Math.sqrt(variance),
        theory: zeldovich[name][b]!,
        linear: linear[name][b]!,
        varianceRatio: variance / (gaussian[name][b]! * rescaling[name]),
        varianceRatioError: varianceRatioError(ensemble.realizations, modes),
      };
    };
    return {
      k: (2 * Math.PI * geometry.meanIndex[b]!) / boxSize,
      modes,
      p0Real: statistics("p0Real"),
      p0: statistics("p0"),
      p2: statistics("p2"),
      kaiserRatio: linear.p0[b]! / linear.p0Real[b]!,
      kaiserVariance: linear.ratioVariance[b]!,
    };
  });
}
