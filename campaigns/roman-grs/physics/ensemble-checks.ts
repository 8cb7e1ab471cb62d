// An ensemble of spectra against theory: variance ratio, mean, redshift-space ratio, counts, independence. Numbers only.
import { closestPair, eigenvalues, hartlapFactor } from "./covariance.ts";
import type { EnsembleShell } from "./ensemble-shells.ts";
import type { ExpectedCount } from "./expected-counts.ts";
import { chiSquareTail } from "./special-functions.ts";

export interface EnsembleMember {
  readonly realization: number;
  readonly nGalaxies: number;
  readonly contentHash: bigint;
  /** Modes of the large scales, each in units of its shell's rms. */
  readonly modes: Float32Array;
}

/** Wavenumber ranges in h/Mpc. */
export interface CheckRanges {
  /** Below it the variance must be Gaussian and the mean must follow theory; 0.06. */
  readonly kGaussian: number;
  /** The same, less strictly; 0.08. */
  readonly kWide: number;
  /** From here on the non-Gaussian excess must show; 0.1. */
  readonly kExcess: number;
}

export type EnsembleChecks = Readonly<Record<string, number>>;

/** @param bins shells that enter the inverse covariance */
export function checkEnsemble(
  members: readonly EnsembleMember[],
  shells: readonly EnsembleShell[],
  correlation: readonly Float64Array[],
  expected: ExpectedCount,
  bins: number,
  ranges: CheckRanges,
): EnsembleChecks {
  return {
    nRealizations: members.length,
    ...independence(members),
    ...counts(members, expected),
    ...varianceChecks(shells, ranges),
    ...meanChecks(
      shells.filter(({ k }) => k < ranges.kGaussian),
      members.length,
    ),
    ...inverseChecks(correlation, members.length, bins),
  };
}

function independence(members: readonly EnsembleMember[]): EnsembleChecks {
  const distinct = (key: (member: EnsembleMember) => unknown): number => new Set(members.map(key)).size;
  return {
    duplicateRealizations: members.length - distinct((member) => member.realization),
    duplicateCatalogs: members.length - distinct((member) => member.contentHash),
    maxFieldCorrelation: closestPair(members.map(({ modes }) => modes)).correlation,
  };
}

function counts(members: readonly EnsembleMember[], expected: ExpectedCount): EnsembleChecks {
  const mean = members.reduce((sum, { nGalaxies }) => sum + nGalaxies, 0) / members.length;
  const pulls = members.map(({ nGalaxies }) => Math.abs(nGalaxies - expected.mean) / expected.sigma);
  return {
    meanDensityDeviation: mean / expected.mean - 1,
    meanDensityPull: ((mean - expected.mean) * Math.sqrt(members.length)) / expected.sigma,
    maxCountPull: Math.max(...pulls),
  };
}

function varianceChecks(shells: readonly EnsembleShell[], { kGaussian, kWide, kExcess }: CheckRanges): EnsembleChecks {
  const below = (limit: number) => shells.filter(({ k }) => k < limit);
  const strict = weightedMean(below(kGaussian).map(ratioOf));
  const excess = weightedMean(shells.filter(({ k }) => k >= kExcess).map(ratioOf));
  return {
    varianceRatioMean: strict.mean,
    varianceRatioMeanError: strict.error,
    varianceRatioChi2: chiSquare(below(kGaussian)),
    varianceRatioPValue: chiSquareTail(chiSquare(below(kGaussian)), below(kGaussian).length),
    varianceRatioWidePValue: chiSquareTail(chiSquare(below(kWide)), below(kWide).length),
    varianceRatioSmallScale: excess.mean,
    varianceRatioSmallScalePull: (excess.mean - 1) / excess.error,
  };
}

function ratioOf({ p0Real }: EnsembleShell): { value: number; error: number } {
  return { value: p0Real.varianceRatio, error: p0Real.varianceRatioError };
}

function chiSquare(shells: readonly EnsembleShell[]): number {
  return shells.map(ratioOf).reduce((sum, { value, error }) => sum + ((value - 1) / error) ** 2, 0);
}

/** Mean spectra of the large scales: real space against the Zel'dovich model, and P0 / P0Real against Kaiser. */
function meanChecks(shells: readonly EnsembleShell[], n: number): EnsembleChecks {
  const level = weightedMean(
    shells.map(({ p0Real: { mean, theory, sigma } }) => ({
      value: mean / theory - 1,
      error: sigma / theory / Math.sqrt(n),
    })),
  );
  const kaiser = weightedMean(
    shells.map(({ p0, p0Real, kaiserRatio, kaiserVariance }) => ({
      value: p0.mean / p0Real.mean / kaiserRatio - 1,
      error: Math.sqrt(kaiserVariance / n),
    })),
  );
  const beyond = ({ mean, error }: { mean: number; error: number }): number => Math.max(0, Math.abs(mean) - 3 * error);
  return {
    meanSpectrumDeviation: level.mean,
    meanSpectrumError: level.error,
    meanSpectrumBeyondError: beyond(level),
    kaiserDeviation: kaiser.mean,
    kaiserError: kaiser.error,
    kaiserBeyondError: beyond(kaiser),
  };
}

function inverseChecks(correlation: readonly Float64Array[], n: number, bins: number): EnsembleChecks {
  const values = eigenvalues(correlation.slice(0, bins).map((row) => row.slice(0, bins)));
  const [smallest, largest] = [values[0] ?? NaN, values.at(-1) ?? NaN];
  const hartlap = hartlapFactor(n, bins);
  return {
    nBins: bins,
    realizationsPerBin: n / bins,
    hartlapFactor: hartlap ?? 0,
    inverseAvailable: hartlap === undefined ? 0 : 1,
    smallestEigenvalue: smallest,
    positiveDefinite: smallest > 1e-12 * largest ? 1 : 0,
    conditionNumber: largest / smallest,
  };
}

function weightedMean(points: readonly { value: number; error: number }[]): { mean: number; error: number } {
  const weight = points.reduce((sum, { error }) => sum + 1 / error ** 2, 0);
  const mean = points.reduce((sum, { value, error }) => sum + value / error ** 2, 0) / weight;
  return { mean, error: 1 / Math.sqrt(weight) };
}
