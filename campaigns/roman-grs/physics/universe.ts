// Everything about one redshift that no random number touches: built once, used by every box and every expectation.
import {
  abacusC000,
  growthFactor,
  growthRate,
  redshiftSpaceShift,
  velocityPerDisplacement,
  type Cosmology,
} from "./cosmology.ts";
import { haloPopulation, type HaloPopulation } from "./halo-population.ts";
import { galaxyExpectation, referenceOccupation, type GalaxyExpectation, type Occupation } from "./hod.ts";
import { linearPower, type LinearPower } from "./linear-power.ts";

export interface Universe {
  readonly cosmology: Cosmology;
  readonly redshift: number;
  readonly power: LinearPower;
  /** Linear growth factor, 1 today. */
  readonly growth: number;
  /** Linear growth rate f. */
  readonly growthRate: number;
  /** km/s per Mpc/h of displacement. */
  readonly velocityFactor: number;
  /** Mpc/h along the line of sight per km/s. */
  readonly shift: number;
  /** Lowest halo mass, log10 of Msun/h. */
  readonly logMassMin: number;
  readonly halos: HaloPopulation;
  readonly occupation: Occupation;
  readonly galaxies: GalaxyExpectation;
}

/** The universe of AbacusSummit c000 at `redshift`, with the campaign's galaxies. */
export function universeAt(redshift: number, logMassMin: number): Universe {
  const cosmology = abacusC000;
  const power = linearPower(cosmology);
  const halos = haloPopulation(cosmology, power, redshift, logMassMin);
  return {
    cosmology,
    redshift,
    power,
    growth: growthFactor(cosmology, redshift),
    growthRate: growthRate(cosmology, redshift),
    velocityFactor: velocityPerDisplacement(cosmology, redshift),
    shift: redshiftSpaceShift(cosmology, redshift),
    logMassMin,
    halos,
    occupation: referenceOccupation,
    galaxies: galaxyExpectation(cosmology, halos, referenceOccupation),
  };
}
