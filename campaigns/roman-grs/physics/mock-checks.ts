// What can be said about one mock without measuring its clustering: counts against theory, ranges, references. Numbers only.
import { expectedBinCounts, expectedGalaxyCount, expectedHaloCount } from "./expected-counts.ts";
import type { Mock } from "./mock.ts";
import { chiSquareTail } from "./special-functions.ts";
import type { Universe } from "./universe.ts";

/** Numbers for the gates of science.md 1.6; names are the metrics'. */
export interface MockChecks {
  readonly nHalos: number;
  /** N / expected - 1. */
  readonly nHalosDeviation: number;
  /** (N - expected) / standard deviation between boxes. */
  readonly nHalosPull: number;
  /** How far |deviation| lies beyond three standard deviations, 0 inside. */
  readonly nHalosBeyondError: number;
  readonly nGalaxies: number;
  readonly nGalaxiesDeviation: number;
  readonly nGalaxiesPull: number;
  readonly satelliteFraction: number;
  /** Probability of the counts per mass bin under Tinker 2008. */
  readonly massFunctionPValue: number;
  /** Share of finite numbers among all columns. */
  readonly finiteFraction: number;
  /** Share of coordinates in [0, box). */
  readonly inBoxFraction: number;
  /** Largest velocity component, km/s. */
  readonly maxSpeed: number;
  /** Smallest log mass among halos and galaxies above the threshold in float32, dex; negative: below. */
  readonly logMassMargin: number;
  /** Share of galaxies whose host is -1 or a row of the halo table. */
  readonly validHostFraction: number;
}

export function checkMock(universe: Universe, mock: Mock): MockChecks {
  const { halos, galaxies, boxSize } = mock;
  const expectedHalos = expectedHaloCount(universe, boxSize);
  const expectedGalaxies = expectedGalaxyCount(universe, boxSize);
  const nHalos = halos.logMass.length;
  const nGalaxies = galaxies.host.length;
  const columns = [
    halos.logMass,
    halos.position,
    halos.velocity,
    galaxies.position,
    galaxies.velocity,
    galaxies.logPeakMass,
    galaxies.logStellarMass,
    galaxies.logSpecificSfr,
  ];
  const positions = [halos.position, galaxies.position];
  return {
    nHalos,
    nHalosDeviation: nHalos / expectedHalos.mean - 1,
    nHalosPull: (nHalos - expectedHalos.mean) / expectedHalos.sigma,
    nHalosBeyondError:
      Math.max(0, Math.abs(nHalos - expectedHalos.mean) - 3 * expectedHalos.sigma) / expectedHalos.mean,
    nGalaxies,
    nGalaxiesDeviation: nGalaxies / expectedGalaxies.mean - 1,
    nGalaxiesPull: (nGalaxies - expectedGalaxies.mean) / expectedGalaxies.sigma,
    satelliteFraction: 1 - galaxies.centrals / nGalaxies,
    massFunctionPValue: massFunctionPValue(universe, mock),
    finiteFraction: share(columns, (value) => Number.isFinite(value)),
    inBoxFraction: share(positions, (value) => value >= 0 && value < boxSize),
    maxSpeed: Math.max(largest(halos.velocity), largest(galaxies.velocity)),
    logMassMargin: Math.min(smallest(halos.logMass), smallest(galaxies.logPeakMass)) - Math.fround(universe.logMassMin),
    validHostFraction:
      galaxies.host.reduce((sum, host) => sum + (host === -1n || (host >= 0n && host < nHalos) ? 1 : 0), 0) / nGalaxies,
  };
}

/** Chi-square of the counts per bin, up to the last bin where ten halos are expected. */
function massFunctionPValue(universe: Universe, { halos, boxSize }: Mock): number {
  const terms = expectedBinCounts(universe, boxSize).flatMap(({ mean, sigma }, bin) =>
    mean < 10 ? [] : [((halos.countInBin[bin]! - mean) / sigma) ** 2],
  );
  return chiSquareTail(
    terms.reduce((sum, term) => sum + term, 0),
    terms.length,
  );
}

function share(arrays: readonly Float32Array[], good: (value: number) => boolean): number {
  let [all, ok] = [0, 0];
  for (const array of arrays) {
    all += array.length;
    for (let i = 0; i < array.length; i++) if (good(array[i]!)) ok++;
  }
  return all === 0 ? NaN : ok / all;
}

function largest(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

function smallest(values: Float32Array): number {
  return values.reduce((min, value) => Math.min(min, value), Infinity);
}
