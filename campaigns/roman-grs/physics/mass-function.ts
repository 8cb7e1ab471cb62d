// Abundance and bias of halos against mass: Tinker et al. 2008 and 2010 at 200 times the mean density. No sampling here.
import { criticalDensity, growthFactor, type Cosmology } from "./cosmology.ts";
import { topHatVariance, type LinearPower } from "./linear-power.ts";

/** Overdensity with respect to the mean that defines a halo. */
const overdensity = 200;
/** Mpc (km/s)^2 / Msun. */
const gravitationalConstant = 4.30091e-9;
/** Linear collapse threshold of the bias fit. */
const deltaC = 1.686;

/** Abundance and bias at one halo mass. */
export interface HaloAbundance {
  /** dn / dlog10 M, (Mpc/h)^-3 per dex. */
  readonly density: number;
  /** Eulerian linear bias. */
  readonly bias: number;
}

/** Mean comoving matter density, Msun/h per (Mpc/h)^3. */
export function meanDensity(cosmology: Cosmology): number {
  return criticalDensity * cosmology.omegaM;
}

/** Comoving radius in Mpc/h inside which a halo of `mass` Msun/h has 200 times the mean density. */
export function haloRadius(cosmology: Cosmology, mass: number): number {
  return Math.cbrt((3 * mass) / (4 * Math.PI * overdensity * meanDensity(cosmology)));
}

/**
 * One-dimensional velocity dispersion of an isothermal halo, sigma^2 = G M / (2 R) with R the physical radius, km/s.
 *
 * @param mass Msun/h
 */
export function virialDispersion(cosmology: Cosmology, redshift: number, mass: number): number {
  return Math.sqrt((gravitationalConstant * mass * (1 + redshift)) / (2 * haloRadius(cosmology, mass)));
}

/** @param mass Msun/h */
export function haloAbundance(cosmology: Cosmology, power: LinearPower, redshift: number, mass: number): HaloAbundance {
  const rho = meanDensity(cosmology);
  const { variance, slope } = topHatVariance(power, Math.cbrt((3 * mass) / (4 * Math.PI * rho)));
  const sigma = Math.sqrt(variance) * growthFactor(cosmology, redshift);
  // slope is dln sigma^2 / dln R, and R ~ M^(1/3)
  const density = tinker08(sigma, redshift) * (rho / mass) * Math.abs(slope / 6) * Math.LN10;
  return { density, bias: tinker10(deltaC / sigma) };
}

/** Multiplicity function f(sigma, z): Tinker et al. 2008 (ApJ 688, 709), equations 3 and 5-8, table 2 for Delta = 200. */
export function tinker08(sigma: number, redshift: number): number {
  const x = 1 + redshift;
  const alpha = 10 ** -((0.75 / Math.log10(overdensity / 75)) ** 1.2);
  const amplitude = 0.186 * x ** -0.14;
  const a = 1.47 * x ** -0.06;
  const b = 2.57 * x ** -alpha;
  return amplitude * ((sigma / b) ** -a + 1) * Math.exp(-1.19 / sigma ** 2);
}

/** Linear bias b(nu): Tinker et al. 2010 (ApJ 724, 878), equation 6 and table 2, y = log10 200. */
export function tinker10(nu: number): number {
  const y = Math.log10(overdensity);
  const knee = Math.exp(-((4 / y) ** 4));
  const amplitude = 1 + 0.24 * y * knee;
  const a = 0.44 * y - 0.88;
  const c = 0.019 + 0.107 * y + 0.19 * knee;
  return 1 - (amplitude * nu ** a) / (nu ** a + deltaC ** a) + 0.183 * nu ** 1.5 + c * nu ** 2.4;
}
