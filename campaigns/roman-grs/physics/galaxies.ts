// Draws the galaxies of one box from its halos: centrals, then NFW satellites. Which halo hosts how many is hod.ts.
import { age, type Cosmology } from "./cosmology.ts";
import type { HaloCatalog } from "./halos.ts";
import { wrap } from "./halos.ts";
import { satelliteMean, type Occupation } from "./hod.ts";
import { haloRadius, virialDispersion } from "./mass-function.ts";
import type { RandomStream } from "./random.ts";
import { drawSpecificSfr, drawStellarMass } from "./stellar-mass.ts";

/** NFW concentration R_200m / r_s of every host. */
const concentration = 5;
/** Slope of the subhalo mass function, dN / dln m ~ m^-0.9 (Springel et al. 2008, MNRAS 391, 1685). */
const subhaloSlope = 0.9;

export interface GalaxyCatalog {
  /** Rows 0 .. centrals - 1 are centrals; satellites follow. */
  readonly centrals: number;
  /** Comoving Mpc/h in [0, box), shape (N, 3). */
  readonly position: Float32Array;
  /** Peculiar velocity, km/s, shape (N, 3). */
  readonly velocity: Float32Array;
  /** log10 of the peak (sub)halo mass, Msun/h, shape (N). */
  readonly logPeakMass: Float32Array;
  /** log10 of Msun, shape (N). */
  readonly logStellarMass: Float32Array;
  /** log10 of 1/yr, shape (N). */
  readonly logSpecificSfr: Float32Array;
  /** -1 for a central, else the row of the host halo, shape (N). */
  readonly host: BigInt64Array;
}

export interface GalaxyContext {
  readonly cosmology: Cosmology;
  readonly redshift: number;
  readonly boxSize: number;
  /** Lowest (sub)halo mass, log10 of Msun/h. */
  readonly logMassMin: number;
}

export function drawGalaxies(
  halos: HaloCatalog,
  occupation: Occupation,
  context: GalaxyContext,
  stream: RandomStream,
): GalaxyCatalog {
  const centrals: number[] = []; // host rows
  const satellites: number[] = []; // host rows, repeated
  for (let row = 0; row < halos.logMass.length; row++) {
    const logMass = halos.logMass[row]!;
    // P(normal < sqrt(2) x) = (1 + erf x) / 2: Zheng's central occupation without evaluating erf.
    if (stream.normal() >= (Math.SQRT2 * (logMass - occupation.logMassMin)) / occupation.sigmaLogMass) continue;
    centrals.push(row);
    for (let left = stream.poisson(satelliteMean(occupation, logMass)); left > 0; left--) satellites.push(row);
  }

  const count = centrals.length + satellites.length;
  const catalog: GalaxyCatalog = {
    centrals: centrals.length,
    position: new Float32Array(3 * count),
    velocity: new Float32Array(3 * count),
    logPeakMass: new Float32Array(count),
    logStellarMass: new Float32Array(count),
    logSpecificSfr: new Float32Array(count),
    host: new BigInt64Array(count).fill(-1n),
  };
  centrals.forEach((halo, row) => {
    catalog.position.set(halos.position.subarray(3 * halo, 3 * halo + 3), 3 * row);
    catalog.velocity.set(halos.velocity.subarray(3 * halo, 3 * halo + 3), 3 * row);
    catalog.logPeakMass[row] = halos.logMass[halo]!;
  });
  satellites.forEach((halo, i) => {
    const row = centrals.length + i;
    placeSatellite(catalog, row, halos, halo, context, stream);
    catalog.host[row] = BigInt(halo);
    catalog.logPeakMass[row] = subhaloMass(context.logMassMin, halos.logMass[halo]!, stream.uniform());
  });
  const { cosmology, redshift } = context;
  const cosmicAge = age(cosmology, redshift);
  for (let row = 0; row < count; row++) {
    const stellar = drawStellarMass(catalog.logPeakMass[row]! - Math.log10(cosmology.h), redshift, stream);
    catalog.logStellarMass[row] = stellar;
    catalog.logSpecificSfr[row] = drawSpecificSfr(stellar, cosmicAge, stream);
  }
  return catalog;
}

/** NFW radius, random direction, isothermal velocities around the halo's own velocity. */
function placeSatellite(
  catalog: GalaxyCatalog,
  row: number,
  halos: HaloCatalog,
  halo: number,
  { cosmology, redshift, boxSize }: GalaxyContext,
  stream: RandomStream,
): void {
  const mass = 10 ** halos.logMass[halo]!;
  const radius = haloRadius(cosmology, mass) * nfwQuantile(stream.uniform());
  const cosine = 2 * stream.uniform() - 1;
  const sine = Math.sqrt(1 - cosine * cosine);
  const azimuth = 2 * Math.PI * stream.uniform();
  const direction = [sine * Math.cos(azimuth), sine * Math.sin(azimuth), cosine] as const;
  const dispersion = virialDispersion(cosmology, redshift, mass);
  direction.forEach((component, axis) => {
    catalog.position[3 * row + axis] = wrap(halos.position[3 * halo + axis]! + radius * component, boxSize);
    catalog.velocity[3 * row + axis] = halos.velocity[3 * halo + axis]! + dispersion * stream.normal();
  });
}

/** log10 mass at quantile `u` of a power-law subhalo mass function between the resolution and the host. */
function subhaloMass(logMin: number, logMax: number, u: number): number {
  const low = 10 ** (-subhaloSlope * logMin);
  const high = 10 ** (-subhaloSlope * logMax);
  return -Math.log10(low + u * (high - low)) / subhaloSlope;
}

/** Mass inside x r_200m of an NFW halo, unnormalised (Navarro, Frenk & White 1997). */
function nfwMass(x: number): number {
  return Math.log(1 + concentration * x) - (concentration * x) / (1 + concentration * x);
}

/** Radius, in units of R_200m, that holds the fraction `u` of the mass; interpolated in a table made once. */
function nfwQuantile(u: number): number {
  const x = u * (nfwTable.length - 1);
  const i = Math.min(Math.floor(x), nfwTable.length - 2);
  return nfwTable[i]! + (x - i) * (nfwTable[i + 1]! - nfwTable[i]!);
}

const nfwTable = Float64Array.from({ length: 1025 }, (_, i) => {
  const target = (i / 1024) * nfwMass(1);
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (nfwMass(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
});
