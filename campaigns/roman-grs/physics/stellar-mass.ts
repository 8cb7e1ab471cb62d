// Stellar masses and star formation rates from published mean relations with scatter. Not a galaxy formation model:
// no quenching, no assembly history. Good for columns, cuts and counts that behave; not for the galaxies' physics.
import type { RandomStream } from "./random.ts";

/** Scatter of log M* at fixed halo mass, dex (Moster, Naab & White 2013, section 3). */
const stellarMassScatter = 0.15;
/** Scatter of log SFR at fixed M*, dex (Speagle et al. 2014, abstract). */
const sfrScatter = 0.2;

/**
 * Mean stellar mass, log10 of Msun: Moster, Naab & White 2013 (MNRAS 428, 3121), equations 2, 11-14, table 1.
 *
 * @param logHaloMass log10 of Msun; their M_200c is taken for our M_200m, which differ by less than the scatter at z > 0.5
 */
export function meanStellarMass(logHaloMass: number, redshift: number): number {
  const x = redshift / (1 + redshift);
  const ratio = 10 ** (logHaloMass - (11.59 + 1.195 * x));
  const normalisation = 0.0351 - 0.0247 * x;
  const beta = 1.376 - 0.826 * x;
  const gamma = 0.608 + 0.329 * x;
  return logHaloMass + Math.log10((2 * normalisation) / (ratio ** -beta + ratio ** gamma));
}

/**
 * Mean star formation rate of the main sequence, log10 of Msun/yr: Speagle et al. 2014 (ApJS 214, 15), equation 28.
 *
 * @param cosmicAge Gyr
 */
export function mainSequenceSfr(logStellarMass: number, cosmicAge: number): number {
  return (0.84 - 0.026 * cosmicAge) * logStellarMass - (6.51 - 0.11 * cosmicAge);
}

export function drawStellarMass(logHaloMass: number, redshift: number, stream: RandomStream): number {
  return meanStellarMass(logHaloMass, redshift) + stellarMassScatter * stream.normal();
}

/** log10 of the specific star formation rate, 1/yr. */
export function drawSpecificSfr(logStellarMass: number, cosmicAge: number, stream: RandomStream): number {
  return mainSequenceSfr(logStellarMass, cosmicAge) + sfrScatter * stream.normal() - logStellarMass;
}
