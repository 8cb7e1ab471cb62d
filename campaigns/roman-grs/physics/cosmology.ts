// Flat LCDM background and linear growth. Not the power spectrum: that is linear-power.ts.
import { simpson } from "./quadrature.ts";

/** Flat LCDM parameters; lengths elsewhere are comoving Mpc/h, masses Msun/h. */
export interface Cosmology {
  /** H0 / (100 km/s/Mpc). */
  readonly h: number;
  readonly omegaM: number;
  readonly omegaB: number;
  readonly ns: number;
  /** rms of the linear density in 8 Mpc/h spheres today. */
  readonly sigma8: number;
  /** CMB temperature, K. */
  readonly tCmb: number;
}

/** AbacusSummit c000 (Maksimova et al. 2021, table 2; Planck 2018). omegaB = 0.02237 / h^2. */
export const abacusC000: Cosmology = {
  h: 0.6736,
  omegaM: 0.315192,
  omegaB: 0.02237 / (0.6736 * 0.6736),
  ns: 0.9649,
  sigma8: 0.807952,
  tCmb: 2.7255,
};

/** Critical density today, Msun/h per (Mpc/h)^3. */
export const criticalDensity = 2.77536627e11;

/** 1 / H0 in Gyr times h. */
const hubbleTime = 9.777922;

/** E(z) = H(z) / H0. */
export function expansion(cosmology: Cosmology, redshift: number): number {
  const x = 1 + redshift;
  return Math.sqrt(cosmology.omegaM * x * x * x + 1 - cosmology.omegaM);
}

/** Linear growth factor D(z), 1 today (Heath 1977: D ~ E(a) times the integral of da / (a E)^3). */
export function growthFactor(cosmology: Cosmology, redshift: number): number {
  return unnormalisedGrowth(cosmology, redshift) / unnormalisedGrowth(cosmology, 0);
}

/** Linear growth rate f = dlnD / dlna, exact for flat LCDM. */
export function growthRate(cosmology: Cosmology, redshift: number): number {
  const a = 1 / (1 + redshift);
  const e = expansion(cosmology, redshift);
  const dlnE = (-1.5 * cosmology.omegaM) / (a * a * a * e * e);
  return dlnE + a / ((a * e) ** 3 * growthIntegral(cosmology, a));
}

/** Peculiar velocity per Zel'dovich displacement, a H f, in km/s per comoving Mpc/h. */
export function velocityPerDisplacement(cosmology: Cosmology, redshift: number): number {
  return (100 * expansion(cosmology, redshift) * growthRate(cosmology, redshift)) / (1 + redshift);
}

/** Displacement along the line of sight in redshift space per peculiar velocity, (1 + z) / H, in Mpc/h per km/s. */
export function redshiftSpaceShift(cosmology: Cosmology, redshift: number): number {
  return (1 + redshift) / (100 * expansion(cosmology, redshift));
}

/** Age of the universe at `redshift`, Gyr. */
export function age(cosmology: Cosmology, redshift: number): number {
  const a = 1 / (1 + redshift);
  const { omegaM } = cosmology;
  // a = u^2 removes the square-root start of the integrand.
  const integral = simpson((u) => 2 * u * Math.sqrt(u ** 2 / (omegaM + (1 - omegaM) * u ** 6)), 0, Math.sqrt(a), 200);
  return (hubbleTime / cosmology.h) * integral;
}

function unnormalisedGrowth(cosmology: Cosmology, redshift: number): number {
  return expansion(cosmology, redshift) * growthIntegral(cosmology, 1 / (1 + redshift));
}

/** Integral of da / (a E)^3 from 0 to `a`, with a = u^2. */
function growthIntegral({ omegaM }: Cosmology, a: number): number {
  return simpson((u) => 2 * u * (u ** 2 / (omegaM + (1 - omegaM) * u ** 6)) ** 1.5, 0, Math.sqrt(a), 200);
}
