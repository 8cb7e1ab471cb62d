// Matter transfer function with baryon wiggles, Eisenstein & Hu 1998 (ApJ 496, 605); equation numbers are theirs.
// Accurate to a few per cent against CLASS: enough for covariances, not for cosmology inference.
import type { Cosmology } from "./cosmology.ts";

/** Transfer function T(k), 1 on large scales; k in h/Mpc. Returned as a closure: the fit's constants depend on cosmology only. */
export function transferFunction(cosmology: Cosmology): (k: number) => number {
  const { h } = cosmology;
  const omh2 = cosmology.omegaM * h * h;
  const obh2 = cosmology.omegaB * h * h;
  const fb = cosmology.omegaB / cosmology.omegaM;
  const fc = 1 - fb;
  const theta = cosmology.tCmb / 2.7;

  const zEq = 2.5e4 * omh2 * theta ** -4; // 2
  const kEq = 7.46e-2 * omh2 * theta ** -2; // 3, 1/Mpc
  const b1 = 0.313 * omh2 ** -0.419 * (1 + 0.607 * omh2 ** 0.674);
  const b2 = 0.238 * omh2 ** 0.223;
  const zDrag = (1291 * omh2 ** 0.251 * (1 + b1 * obh2 ** b2)) / (1 + 0.659 * omh2 ** 0.828); // 4
  const ratio = (z: number): number => 31.5 * obh2 * theta ** -4 * (1e3 / z); // 5
  const rDrag = ratio(zDrag);
  const rEq = ratio(zEq);
  const soundHorizon =
    (2 / (3 * kEq)) *
    Math.sqrt(6 / rEq) *
    Math.log((Math.sqrt(1 + rDrag) + Math.sqrt(rDrag + rEq)) / (1 + Math.sqrt(rEq))); // 6, Mpc
  const kSilk = 1.6 * obh2 ** 0.52 * omh2 ** 0.73 * (1 + (10.4 * omh2) ** -0.95); // 7, 1/Mpc

  const a1 = (46.9 * omh2) ** 0.67 * (1 + (32.1 * omh2) ** -0.532);
  const a2 = (12 * omh2) ** 0.424 * (1 + (45 * omh2) ** -0.582);
  const alphaC = a1 ** -fb * a2 ** -(fb ** 3); // 11
  const c1 = 0.944 / (1 + (458 * omh2) ** -0.708);
  const c2 = (0.395 * omh2) ** -0.0266;
  const betaC = 1 / (1 + c1 * (fc ** c2 - 1)); // 12
  const y = (1 + zEq) / (1 + zDrag);
  const g = y * (-6 * Math.sqrt(1 + y) + (2 + 3 * y) * Math.log((Math.sqrt(1 + y) + 1) / (Math.sqrt(1 + y) - 1))); // 15
  const alphaB = 2.07 * kEq * soundHorizon * (1 + rDrag) ** -0.75 * g; // 14
  const betaNode = 8.41 * omh2 ** 0.435; // 23
  const betaB = 0.5 + fb + (3 - 2 * fb) * Math.sqrt((17.2 * omh2) ** 2 + 1); // 24

  const pressureless = (q: number, alpha: number, beta: number): number => {
    const log = Math.log(Math.E + 1.8 * beta * q);
    return log / (log + (14.2 / alpha + 386 / (1 + 69.9 * q ** 1.08)) * q * q); // 19, 20
  };

  return (kh) => {
    const k = kh * h;
    const q = k / (13.41 * kEq); // 10
    const ks = k * soundHorizon;
    const f = 1 / (1 + (ks / 5.4) ** 4); // 18
    const cold = f * pressureless(q, 1, betaC) + (1 - f) * pressureless(q, alphaC, betaC); // 17
    const shifted = ks / Math.cbrt(1 + (betaNode / ks) ** 3); // 22 times k
    const baryon =
      (pressureless(q, 1, 1) / (1 + (ks / 5.2) ** 2) +
        (alphaB / (1 + (betaB / ks) ** 3)) * Math.exp(-((k / kSilk) ** 1.4))) *
      (Math.sin(shifted) / shifted); // 21
    return fb * baryon + fc * cold; // 16
  };
}
