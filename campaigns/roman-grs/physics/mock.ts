// One mock: from a seed to the halos and galaxies of a box, by way of its linear field. No files, no judgement.
import { drawGalaxies, type GalaxyCatalog } from "./galaxies.ts";
import { drawHalos, type HaloCatalog } from "./halos.ts";
import { linearField, whiteNoise } from "./linear-field.ts";
import { randomStream } from "./random.ts";
import type { Universe } from "./universe.ts";

/** Names the random stream of everything that is drawn from the field; the phases have stream 1. */
const tracerStream = 2;

export interface Mock {
  /** Mpc/h. */
  readonly boxSize: number;
  readonly halos: HaloCatalog;
  readonly galaxies: GalaxyCatalog;
}

/**
 * Draws a mock. The phases follow from `seed` alone, so that all redshifts of a realisation show the same structures;
 * which halos and galaxies form in them is drawn anew at each redshift.
 *
 * @param boxSize Mpc/h
 * @param gridSize cells a side, a power of two
 */
export function drawMock(universe: Universe, boxSize: number, gridSize: number, seed: number): Mock {
  const field = linearField(whiteNoise(gridSize, seed), boxSize, universe.power, universe.growth);
  const stream = randomStream(seed, tracerStream, Math.round(universe.redshift * 1e6));
  const halos = drawHalos(field, universe.halos, universe.velocityFactor, stream);
  const { cosmology, redshift, logMassMin } = universe;
  const galaxies = drawGalaxies(halos, universe.occupation, { cosmology, redshift, boxSize, logMassMin }, stream);
  return { boxSize, halos, galaxies };
}
