// Linear matter power spectrum today, tabulated once and interpolated; variances in spheres. Growth is the caller's business.
import type { Cosmology } from "./cosmology.ts";
import { transferFunction } from "./eisenstein-hu.ts";

const kMin = 1e-4;
const kMax = 1e2;
const nodes = 2049;
const step = Math.log(kMax / kMin) / (nodes - 1);

/** Linear P(k) at z = 0 on a log-spaced table. */
export interface LinearPower {
  /** Wavenumbers, h/Mpc, equally spaced in ln k, shape (nodes). */
  readonly k: Float64Array;
  /** P(k) at the nodes, (Mpc/h)^3. */
  readonly values: Float64Array;
  /** P(k) in (Mpc/h)^3 by linear interpolation of ln P in ln k; 0 at k = 0, clamped outside the table. */
  readonly at: (k: number) => number;
}

/** Tabulates P(k) = A k^ns T(k)^2, with A from sigma8 today. */
export function linearPower(cosmology: Cosmology): LinearPower {
  const transfer = transferFunction(cosmology);
  const k = Float64Array.from({ length: nodes }, (_, i) => kMin * Math.exp(i * step));
  const values = k.map((x) => x ** cosmology.ns * transfer(x) ** 2);
  const amplitude = cosmology.sigma8 ** 2 / topHatVariance({ k, values }, 8).variance;
  const scaled = values.map((value) => value * amplitude);
  const logs = scaled.map(Math.log);
  const at = (wavenumber: number): number => {
    if (wavenumber <= 0) return 0;
    const x = Math.min(Math.max(Math.log(wavenumber / kMin) / step, 0), nodes - 1);
    const i = Math.min(Math.floor(x), nodes - 2);
    return Math.exp(logs[i]! + (x - i) * (logs[i + 1]! - logs[i]!));
  };
  return { k, values: scaled, at };
}

/**
 * Variance of the density smoothed with a top-hat of radius R, and its logarithmic slope.
 * sigma^2(R) is the integral of dln k k^3 P / (2 pi^2) W^2(kR) with W = 3 j1(x) / x.
 *
 * @param radius Mpc/h
 */
export function topHatVariance(
  power: Pick<LinearPower, "k" | "values">,
  radius: number,
): { variance: number; slope: number } {
  const stride = 4; // 513 nodes: 1e-6 of the variance from the full table
  let variance = 0;
  let derivative = 0;
  for (let i = 0; i < power.k.length; i += stride) {
    const k = power.k[i]!;
    const x = k * radius;
    if (x > 60) break; // W^2 < 1e-5 of a falling integrand; beyond, the table undersamples the oscillation
    const weight = (k ** 3 * power.values[i]!) / (2 * Math.PI ** 2);
    const w = x < 0.02 ? 1 - (x * x) / 10 : (3 * (Math.sin(x) - x * Math.cos(x))) / x ** 3;
    const dw = x < 0.02 ? -(x * x) / 5 : (3 * Math.sin(x)) / x - 3 * w; // dW / dln x
    variance += weight * w * w;
    derivative += weight * 2 * w * dw;
  }
  const measure = step * stride;
  return { variance: variance * measure, slope: derivative / variance };
}
