// Halo occupation: how many galaxies a halo of given mass hosts on average, and what that implies for a box. No draws.
import { redshiftSpaceShift, type Cosmology } from "./cosmology.ts";
import { integrateOverMass, type HaloPopulation } from "./halo-population.ts";
import { virialDispersion } from "./mass-function.ts";
import { erf } from "./special-functions.ts";

/** Parameters of Zheng, Coil & Zehavi 2007 (ApJ 667, 760), equations 1 and 3; masses are log10 of Msun/h. */
export interface Occupation {
  readonly logMassMin: number;
  readonly sigmaLogMass: number;
  readonly logMass0: number;
  readonly logMass1: number;
  readonly alpha: number;
}

/**
 * The campaign's galaxies: 6.3e-4 (Mpc/h)^-3 with bias 2.3 and 9.5 % satellites at z = 1.1. Round numbers, fitted to
 * nothing: a mass-threshold sample, more biased and about half as dense as the emission-line galaxies Roman will see.
 */
export const referenceOccupation: Occupation = {
  logMassMin: 12.7,
  sigmaLogMass: 0.35,
  logMass0: 12.4,
  logMass1: 13.9,
  alpha: 1,
};

/** Probability that a halo has a central galaxy. */
export function centralMean(occupation: Occupation, logMass: number): number {
  return 0.5 * (1 + erf((logMass - occupation.logMassMin) / occupation.sigmaLogMass));
}

/** Mean of the Poisson number of satellites of a halo that has a central. */
export function satelliteMean(occupation: Occupation, logMass: number): number {
  const excess = 10 ** logMass - 10 ** occupation.logMass0;
  return excess > 0 ? (excess / 10 ** occupation.logMass1) ** occupation.alpha : 0;
}

/** Expectations of the galaxy sample. */
export interface GalaxyExpectation {
  /** Mean number density, (Mpc/h)^-3. */
  readonly density: number;
  readonly satelliteFraction: number;
  /** Mean b_L of the host halos, each counted once per galaxy. */
  readonly lagrangianBias: number;
  /** Share of the satellites in the large-scale clustering, weighted by Eulerian bias. */
  readonly satelliteWeight: number;
  /** rms displacement of a satellite along the line of sight by its motion inside the halo, Mpc/h. */
  readonly satelliteDispersion: number;
  /** Pairs inside one halo: the white one-halo power on scales larger than halos, (Mpc/h)^3. */
  readonly oneHaloPower: number;
}

export function galaxyExpectation(
  cosmology: Cosmology,
  population: HaloPopulation,
  occupation: Occupation,
): GalaxyExpectation {
  const { redshift } = population;
  const sum = (f: (central: number, satellites: number, bias: number, logMass: number) => number): number =>
    integrateOverMass(population, (logMass, bin) => {
      const central = centralMean(occupation, logMass);
      return f(central, central * satelliteMean(occupation, logMass), bin.lagrangianBias, logMass);
    });
  const density = sum((central, satellites) => central + satellites);
  const lagrangianBias = sum((central, satellites, bias) => bias * (central + satellites)) / density;
  const satelliteDensity = sum((_, satellites) => satellites);
  const squaredDispersion = sum(
    (_, satellites, __, logMass) => satellites * virialDispersion(cosmology, redshift, 10 ** logMass) ** 2,
  );
  return {
    density,
    satelliteFraction: satelliteDensity / density,
    lagrangianBias,
    satelliteDispersion: Math.sqrt(squaredDispersion / satelliteDensity) * redshiftSpaceShift(cosmology, redshift),
    satelliteWeight: sum((_, satellites, bias) => (1 + bias) * satellites) / (density * (1 + lagrangianBias)),
    // <N (N - 1)> of one central plus Poisson satellites
    oneHaloPower: sum((central, satellites) => 2 * satellites + satellites ** 2 / (central || 1)) / density ** 2,
  };
}
