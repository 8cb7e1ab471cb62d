// An ensemble of mocks against what they were made from: counts, bias, Kaiser's boost, satellites, shared phases.
import { beforeAll, describe, expect, test } from "vitest";
import { contentHash } from "../../../campaigns/roman-grs/physics/content-hash.ts";
import { expectedGalaxyCount, expectedHaloCount } from "../../../campaigns/roman-grs/physics/expected-counts.ts";
import { haloRadius, virialDispersion } from "../../../campaigns/roman-grs/physics/mass-function.ts";
import { checkMock } from "../../../campaigns/roman-grs/physics/mock-checks.ts";
import { drawMock, type Mock } from "../../../campaigns/roman-grs/physics/mock.ts";
import { modelSpectrum } from "../../../campaigns/roman-grs/physics/model-spectrum.ts";
import { modeShells } from "../../../campaigns/roman-grs/physics/modes.ts";
import { measureSpectrum, type MeasuredSpectrum } from "../../../campaigns/roman-grs/physics/power-spectrum.ts";
import { universeAt } from "../../../campaigns/roman-grs/physics/universe.ts";
import { zeldovichShells } from "../../../campaigns/roman-grs/physics/zeldovich-spectrum.ts";

const boxSize = 500;
const boxes = 16;
const universe = universeAt(1.1, 12.4);
const shells = modeShells(6);
const counts: { halos: number; galaxies: number }[] = [];
const spectra: MeasuredSpectrum[] = [];
let last: Mock;

const measured = ({ galaxies: { position, velocity } }: Mock, shift = universe.shift): MeasuredSpectrum =>
  measureSpectrum({ position, velocity, boxSize, shift }, 64, shells);

beforeAll(() => {
  for (let seed = 100; seed < 100 + boxes; seed++) {
    last = drawMock(universe, boxSize, 64, seed);
    counts.push({ halos: last.halos.logMass.length, galaxies: last.galaxies.host.length });
    spectra.push(measured(last));
  }
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("counts", () => {
  test("mean halo and galaxy numbers are the integrals of mass function and occupation", () => {
    const [halos, galaxies] = [expectedHaloCount(universe, boxSize), expectedGalaxyCount(universe, boxSize)];
    const pull = (values: number[], expected: { mean: number; sigma: number }): number =>
      ((mean(values) - expected.mean) / expected.sigma) * Math.sqrt(boxes);
    expect(
      Math.abs(
        pull(
          counts.map((count) => count.halos),
          halos,
        ),
      ),
    ).toBeLessThan(3.5);
    expect(
      Math.abs(
        pull(
          counts.map((count) => count.galaxies),
          galaxies,
        ),
      ),
    ).toBeLessThan(3.5);
  });

  test("boxes scatter as much as expected", () => {
    const { mean: expected, sigma } = expectedGalaxyCount(universe, boxSize);
    const chi2 = counts.reduce((sum, { galaxies }) => sum + ((galaxies - expected) / sigma) ** 2, 0);
    expect(chi2 / boxes).toBeGreaterThan(0.3);
    expect(chi2 / boxes).toBeLessThan(2.3);
  });

  test("the checks of a box find nothing wrong", () => {
    const checks = checkMock(universe, last);
    expect(checks).toMatchObject({ finiteFraction: 1, inBoxFraction: 1, validHostFraction: 1, nHalosBeyondError: 0 });
    expect(checks.satelliteFraction).toBeCloseTo(universe.galaxies.satelliteFraction, 2);
    expect(checks.minLogMass).toBeGreaterThanOrEqual(Math.fround(12.4));
    expect(checks.maxSpeed).toBeLessThan(5000);
    expect(checks.massFunctionPValue).toBeGreaterThan(1e-3);
  });

  test("and they do find what is wrong", () => {
    const broken = structuredClone(last);
    broken.galaxies.position[7] = boxSize;
    broken.galaxies.velocity[8] = NaN;
    broken.galaxies.host[0] = BigInt(last.halos.logMass.length);
    const checks = checkMock(universeAt(1.4, 12.4), broken);
    expect(checks.inBoxFraction).toBeLessThan(1);
    expect(checks.finiteFraction).toBeLessThan(1);
    expect(checks.validHostFraction).toBeLessThan(1);
    expect(checks.nHalosPull).toBeGreaterThan(50); // the catalogue of another redshift
    expect(checks.massFunctionPValue).toBeLessThan(1e-10);
  });
});

describe("clustering", () => {
  test("real-space power is b^2 P_lin + P_1h with its Zel'dovich correction", () => {
    const linear = modelSpectrum(universe, boxSize, shells);
    const exact = zeldovichShells(universe, boxSize, 64, shells);
    for (let b = 0; b < shells.shells; b++) {
      const ratio = mean(spectra.map(({ p0Real }) => p0Real[b]!)) / exact.p0Real[b]!;
      const error = Math.sqrt(linear.varianceReal[b]! / boxes) / linear.p0Real[b]!;
      expect(Math.abs(ratio - 1)).toBeLessThan(0.02 + 3.5 * error);
      expect(Math.abs(exact.p0Real[b]! / linear.p0Real[b]! - 1)).toBeLessThan(0.05);
    }
  });

  test("redshift space boosts the monopole by Kaiser's factor, less the expected damping", () => {
    const linear = modelSpectrum(universe, boxSize, shells);
    for (let b = 0; b < 4; b++) {
      const ratio = mean(spectra.map(({ p0 }) => p0[b]!)) / mean(spectra.map(({ p0Real }) => p0Real[b]!));
      const error = Math.sqrt(linear.ratioVariance[b]! / boxes);
      expect(Math.abs(ratio / (linear.p0[b]! / linear.p0Real[b]!) - 1)).toBeLessThan(0.03 + 3 * error);
    }
  });
});

describe("satellites", () => {
  test("lie inside their hosts and move with the virial dispersion", () => {
    const { galaxies, halos } = last;
    let [radii, motion, count] = [0, 0, 0];
    for (let row = galaxies.centrals; row < galaxies.host.length; row++) {
      const host = Number(galaxies.host[row]);
      const mass = 10 ** halos.logMass[host]!;
      let r2 = 0;
      for (let axis = 0; axis < 3; axis++) {
        const raw = galaxies.position[3 * row + axis]! - halos.position[3 * host + axis]!;
        r2 += (raw - boxSize * Math.round(raw / boxSize)) ** 2;
        motion +=
          (galaxies.velocity[3 * row + axis]! - halos.velocity[3 * host + axis]!) ** 2 /
          virialDispersion(universe.cosmology, 1.1, mass) ** 2;
      }
      radii += Math.sqrt(r2) / haloRadius(universe.cosmology, mass);
      expect(Math.sqrt(r2)).toBeLessThan(haloRadius(universe.cosmology, mass) * 1.001);
      count++;
    }
    // Mean radius of an NFW halo with c = 5: integral of x m'(x) dx over m(1).
    const profile = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000).map((x) => x / (1 + 5 * x) ** 2);
    const expected =
      profile.reduce((sum, value, i) => sum + (value * (i + 0.5)) / 1000, 0) / profile.reduce((a, b) => a + b);
    expect(radii / count).toBeCloseTo(expected, 1.8);
    expect(motion / (3 * count)).toBeCloseTo(1, 1);
  });
});

describe("identity", () => {
  test("equal seeds give equal bits, other seeds other ones", () => {
    const again = drawMock(universe, boxSize, 64, 100 + boxes - 1).galaxies;
    const hash = contentHash(last.galaxies.position, last.galaxies.velocity, last.galaxies.logStellarMass);
    expect(contentHash(again.position, again.velocity, again.logStellarMass)).toBe(hash);
    expect(again.host).toEqual(last.galaxies.host);
    expect(contentHash(last.galaxies.velocity, last.galaxies.position, last.galaxies.logStellarMass)).not.toBe(hash);
  });

  test("a realisation keeps its phases at another redshift, and no two share them", () => {
    const later = universeAt(1.4, 12.4);
    const other = measured(drawMock(later, boxSize, 64, 100 + boxes - 1), later.shift).modes;
    const correlation = (a: Float32Array, b: Float32Array): number => {
      const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    };
    expect(correlation(spectra.at(-1)!.modes, other)).toBeGreaterThan(0.85);
    expect(Math.abs(correlation(spectra[0]!.modes, other))).toBeLessThan(0.25);
  });
});
