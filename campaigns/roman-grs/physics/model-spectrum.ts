// What the power spectra of a box should be, averaged over the box's own modes: linear bias, Kaiser, one-halo, Gaussian errors.
import { smoothingRadius } from "./halo-population.ts";
import type { ModeShells } from "./modes.ts";
import { legendre2 } from "./power-spectrum.ts";
import type { Universe } from "./universe.ts";

/** Powers in (Mpc/h)^3 without shot noise; every array has shape (shells). */
export interface ModelSpectrum {
  readonly p0Real: Float64Array;
  readonly p0: Float64Array;
  readonly p2: Float64Array;
  /** Gaussian variance of one box, Poisson noise included: 2 / N_modes^2 times the sum of (P + 1/n)^2 over the modes. */
  readonly varianceReal: Float64Array;
  readonly variance0: Float64Array;
  readonly variance2: Float64Array;
  /** Variance of the log of P0 / P0Real in one box; the cosmic variance that both share has cancelled. */
  readonly ratioVariance: Float64Array;
  readonly shotNoise: number;
}

/**
 * Linear theory of the mock: P(k, mu) = (b(k) + f mu^2)^2 P_lin + P_1h with b(k) = 1 + b_L exp(-k^2 R^2 / 2), since the
 * halo rate answers to the density smoothed over R (Kaiser 1987; the one-halo term of satellites is white here).
 * Damping by random motions is left out, so P2 of a mock lies a little below.
 */
export function modelSpectrum(universe: Universe, boxSize: number, shells: ModeShells): ModelSpectrum {
  const { power, growth, growthRate: f, galaxies } = universe;
  const shotNoise = 1 / galaxies.density;
  const white = galaxies.oneHaloPower + shotNoise;
  const fundamental = (2 * Math.PI) / boxSize;
  const zeros = (): Float64Array => new Float64Array(shells.shells);
  const sum = { real: zeros(), p0: zeros(), p2: zeros(), real2: zeros(), zz: zeros(), zz2: zeros(), cross: zeros() };

  for (let m = 0; m < shells.shell.length; m++) {
    const [x, y, z] = [shells.index[3 * m]!, shells.index[3 * m + 1]!, shells.index[3 * m + 2]!];
    const b = shells.shell[m]!;
    const m2 = x * x + y * y + z * z;
    const mu2 = (z * z) / m2;
    const k = Math.sqrt(m2) * fundamental;
    const matter = power.at(k) * growth ** 2;
    const bias = 1 + galaxies.lagrangianBias * Math.exp(-((k * smoothingRadius) ** 2) / 2);
    const real = bias ** 2 * matter + white;
    const redshift = (bias + f * mu2) ** 2 * matter + white;
    const cross = bias * (bias + f * mu2) * matter + white;
    const l2 = 5 * legendre2(mu2);
    sum.real[b]! += real - shotNoise;
    sum.p0[b]! += redshift - shotNoise;
    sum.p2[b]! += l2 * (redshift - shotNoise);
    sum.real2[b]! += real ** 2;
    sum.zz[b]! += redshift ** 2;
    sum.zz2[b]! += (l2 * redshift) ** 2;
    sum.cross[b]! += cross ** 2;
  }
  const per = (total: Float64Array, power: 1 | 2): Float64Array => total.map((s, b) => s / shells.count[b]! ** power);
  const p0Real = per(sum.real, 1);
  const p0 = per(sum.p0, 1);
  const ratioVariance = p0.map((value, b) => {
    const [s, r] = [value, p0Real[b]!];
    return (2 / shells.count[b]! ** 2) * (sum.zz[b]! / s ** 2 + sum.real2[b]! / r ** 2 - (2 * sum.cross[b]!) / (s * r));
  });
  const double = (values: Float64Array): Float64Array => values.map((value) => 2 * value);
  return {
    p0Real,
    p0,
    p2: per(sum.p2, 1),
    varianceReal: double(per(sum.real2, 2)),
    variance0: double(per(sum.zz, 2)),
    variance2: double(per(sum.zz2, 2)),
    ratioVariance,
    shotNoise,
  };
}

/** The same linear theory at one wavenumber and continuous mu: what shells would measure with infinitely many modes. */
export function kaiserMultipoles(universe: Universe, k: number): { p0Real: number; p0: number; p2: number } {
  const { galaxies, growthRate: f } = universe;
  const matter = universe.power.at(k) * universe.growth ** 2;
  const bias = 1 + galaxies.lagrangianBias * Math.exp(-((k * smoothingRadius) ** 2) / 2);
  return {
    p0Real: bias ** 2 * matter + galaxies.oneHaloPower,
    p0: (bias ** 2 + (2 / 3) * bias * f + f ** 2 / 5) * matter + galaxies.oneHaloPower,
    p2: ((4 / 3) * bias * f + (4 / 7) * f ** 2) * matter,
  };
}
