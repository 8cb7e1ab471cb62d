// Theory against numbers from elsewhere: published growth, an independent prototype's halo count, tabulated functions.
import { describe, expect, test } from "vitest";
import { abacusC000, age, growthFactor, growthRate } from "../../../campaigns/roman-grs/physics/cosmology.ts";
import { transferFunction } from "../../../campaigns/roman-grs/physics/eisenstein-hu.ts";
import { kaiserMultipoles, modelSpectrum } from "../../../campaigns/roman-grs/physics/model-spectrum.ts";
import { linearPower, topHatVariance } from "../../../campaigns/roman-grs/physics/linear-power.ts";
import { modeShells } from "../../../campaigns/roman-grs/physics/modes.ts";
import { besselJ0, chiSquareTail, erf } from "../../../campaigns/roman-grs/physics/special-functions.ts";
import { meanStellarMass } from "../../../campaigns/roman-grs/physics/stellar-mass.ts";
import { universeAt } from "../../../campaigns/roman-grs/physics/universe.ts";
import { zeldovichModel } from "../../../campaigns/roman-grs/physics/zeldovich-spectrum.ts";

const universe = universeAt(1.1, 12.4);

describe("background and growth", () => {
  test("D and f at z = 1.1 of AbacusSummit c000", () => {
    expect(growthFactor(abacusC000, 1.1)).toBeCloseTo(0.58108, 5);
    expect(growthRate(abacusC000, 1.1)).toBeCloseTo(0.8911, 4);
  });

  test("an Einstein-de Sitter universe grows as the scale factor and is 2/3 of a Hubble time old", () => {
    const flat = { ...abacusC000, omegaM: 1, h: 0.7 };
    expect(growthFactor(flat, 3)).toBeCloseTo(0.25, 10);
    expect(growthRate(flat, 3)).toBeCloseTo(1, 8);
    expect(age(flat, 0)).toBeCloseTo((2 / 3) * (9.777922 / 0.7), 6);
  });
});

describe("linear power spectrum", () => {
  const power = linearPower(abacusC000);

  test("sigma8 is the one asked for, also by a plain integral of the interpolated table", () => {
    let sum = 0;
    const step = 1e-3;
    for (let lnK = Math.log(1e-4); lnK < Math.log(20); lnK += step) {
      const k = Math.exp(lnK);
      const x = 8 * k;
      const window = (3 * (Math.sin(x) - x * Math.cos(x))) / x ** 3;
      sum += ((k ** 3 * power.at(k)) / (2 * Math.PI ** 2)) * window ** 2 * step;
    }
    expect(Math.sqrt(sum)).toBeCloseTo(0.807952, 3);
  });

  test("the slope of the variance is its derivative", () => {
    const [low, high] = [7.99, 8.01].map((radius) => Math.log(topHatVariance(power, radius).variance)) as [
      number,
      number,
    ];
    expect(topHatVariance(power, 8).slope).toBeCloseTo((high - low) / Math.log(8.01 / 7.99), 3);
  });

  test("the transfer function is 1 on large scales and shows the acoustic peak spacing", () => {
    const transfer = transferFunction(abacusC000);
    expect(transfer(1e-5)).toBeCloseTo(1, 3);
    const smooth = transferFunction({ ...abacusC000, omegaB: 1e-4 });
    const ratio = Array.from({ length: 400 }, (_, i) => transfer(0.02 + i * 7e-4) / smooth(0.02 + i * 7e-4));
    const detrended = ratio.map((value, i) => value - (ratio[i - 20] ?? value) / 2 - (ratio[i + 20] ?? value) / 2);
    const peaks = detrended.flatMap((value, i) =>
      i > 20 && i < 379 && value > detrended[i - 1]! && value > detrended[i + 1]! ? [0.02 + i * 7e-4] : [],
    );
    const spacing = (peaks.at(-1)! - peaks[0]!) / (peaks.length - 1);
    expect((2 * Math.PI) / spacing).toBeGreaterThan(95); // sound horizon near 99 Mpc/h
    expect((2 * Math.PI) / spacing).toBeLessThan(105);
  });
});

describe("halos and galaxies", () => {
  test("halo count of a 500 Mpc/h box as in the independent prototype", () => {
    expect((universe.halos.density * 500 ** 3) / 147414.3).toBeCloseTo(1, 3);
  });

  test("the galaxy sample has the design density, satellites and bias", () => {
    const { density, satelliteFraction, lagrangianBias } = universe.galaxies;
    expect(density * 500 ** 3).toBeGreaterThan(78_000);
    expect(density * 500 ** 3).toBeLessThan(79_500);
    expect(satelliteFraction).toBeCloseTo(0.0945, 3);
    expect(1 + lagrangianBias).toBeCloseTo(2.31, 2);
  });

  test("stellar mass at 10^12 Msun today is Moster's 10^10.4-10.5", () => {
    expect(meanStellarMass(12, 0)).toBeGreaterThan(10.35);
    expect(meanStellarMass(12, 0)).toBeLessThan(10.55);
  });
});

describe("expected spectra", () => {
  test("the modes of many shells average to the Kaiser multipoles", () => {
    const shells = modeShells(20);
    const model = modelSpectrum(universe, 500, shells);
    const k = (2 * Math.PI * shells.meanIndex[19]!) / 500;
    const continuous = kaiserMultipoles(universe, k);
    expect(model.p0Real[19]! / continuous.p0Real).toBeCloseTo(1, 2);
    expect(model.p0[19]! / continuous.p0).toBeCloseTo(1, 2);
    expect(model.p2[19]! / continuous.p2).toBeCloseTo(1, 1);
    expect(continuous.p0 / continuous.p0Real).toBeCloseTo(1.29, 1);
  });

  test("the Zel'dovich model joins linear theory on the largest scales", () => {
    const exact = zeldovichModel(universe, 0.4)(0.006);
    const linear = kaiserMultipoles(universe, 0.006);
    expect(exact.p0Real / linear.p0Real).toBeCloseTo(1, 1);
    expect(exact.p0 / exact.p0Real / (linear.p0 / linear.p0Real)).toBeCloseTo(1, 2);
  });

  test("halos of one bias only, as at high redshift, give a finite model", () => {
    const exact = zeldovichModel(universeAt(3.5, 12.4), 0.4)(0.05);
    expect(Number.isFinite(exact.p0)).toBe(true);
    expect(exact.p0).toBeGreaterThan(exact.p0Real);
  });
});

test("erf, the chi-square tail and J0, from Abramowitz & Stegun", () => {
  expect(erf(0)).toBe(0);
  expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
  expect(erf(-2)).toBeCloseTo(-0.995322265, 10);
  expect(chiSquareTail(3.841459, 1)).toBeCloseTo(0.05, 7);
  expect(chiSquareTail(18.30704, 10)).toBeCloseTo(0.05, 7);
  expect(chiSquareTail(2, 2)).toBeCloseTo(Math.exp(-1), 12);
  expect(chiSquareTail(0, 3)).toBe(1);
  expect(chiSquareTail(NaN, 3)).toBeNaN();
  expect(besselJ0(0)).toBeCloseTo(1, 7);
  expect(besselJ0(1)).toBeCloseTo(0.7651976866, 7);
  expect(besselJ0(2.404825558)).toBeCloseTo(0, 7);
  expect(besselJ0(10)).toBeCloseTo(-0.2459357645, 7);
});
