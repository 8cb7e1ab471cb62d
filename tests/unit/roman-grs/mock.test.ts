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
import { chiSquareTail } from "../../../campaigns/roman-grs/physics/special-functions.ts";
import { universeAt } from "../../../campaigns/roman-grs/physics/universe.ts";
import { zeldovichShells } from "../../../campaigns/roman-grs/physics/zeldovich-spectrum.ts";

const boxSize = 500;
const boxes = 12;
const universe = universeAt(1.1, 12.4);
const shells = modeShells(6);
const counts: { halos: number; galaxies: number }[] = [];
const spectra: MeasuredSpectrum[] = [];
const satellites: { radius: number; speed2: number }[] = [];
let last: Mock;

const measured = ({ galaxies: { position, velocity } }: Mock, shift = universe.shift): MeasuredSpectrum =>
  measureSpectrum({ position, velocity, boxSize, shift }, 64, shells);

/** Distance to the host in units of its radius, and squared relative velocity in units of its dispersion squared. */
function satellitesOf({ galaxies, halos }: Mock): { radius: number; speed2: number }[] {
  return Array.from({ length: galaxies.host.length - galaxies.centrals }, (_, i) => {
    const row = galaxies.centrals + i;
    const host = Number(galaxies.host[row]);
    const mass = 10 ** halos.logMass[host]!;
    let [r2, v2] = [0, 0];
    for (let axis = 0; axis < 3; axis++) {
      const offset = galaxies.position[3 * row + axis]! - halos.position[3 * host + axis]!;
      r2 += (offset - boxSize * Math.round(offset / boxSize)) ** 2;
      v2 += (galaxies.velocity[3 * row + axis]! - halos.velocity[3 * host + axis]!) ** 2;
    }
    const { cosmology, redshift } = universe;
    const radius = Math.sqrt(r2) / haloRadius(cosmology, mass);
    return { radius, speed2: v2 / virialDispersion(cosmology, redshift, mass) ** 2 };
  });
}

beforeAll(() => {
  for (let seed = 100; seed < 100 + boxes; seed++) {
    last = drawMock(universe, boxSize, 64, seed);
    counts.push({ halos: last.halos.logMass.length, galaxies: last.galaxies.host.length });
    spectra.push(measured(last));
    satellites.push(...satellitesOf(last));
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
    // Over 800 boxes the ratio of variances is 1.00 +- 0.05; these few agree with each other unusually well.
    expect(chiSquareTail(chi2, boxes)).toBeGreaterThan(1e-3);
    expect(chiSquareTail(chi2, boxes)).toBeLessThan(0.999);
  });

  test("the checks of a box find nothing wrong", () => {
    const checks = checkMock(universe, last);
    expect(checks).toMatchObject({ finiteFraction: 1, inBoxFraction: 1, validHostFraction: 1, nHalosBeyondError: 0 });
    expect(checks.satelliteFraction).toBeCloseTo(universe.galaxies.satelliteFraction, 2);
    expect(checks.logMassMargin).toBeGreaterThanOrEqual(0);
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
    const theory = zeldovichShells(universe, boxSize, 64, shells);
    for (let b = 0; b < shells.shells; b++) {
      const ratio = mean(spectra.map(({ p0Real }) => p0Real[b]!)) / theory.p0Real[b]!;
      const error = Math.sqrt(linear.varianceReal[b]! / boxes) / linear.p0Real[b]!;
      expect(Math.abs(ratio - 1)).toBeLessThan(0.02 + 3.5 * error);
      expect(Math.abs(theory.p0Real[b]! / linear.p0Real[b]! - 1)).toBeLessThan(0.05);
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
  /** The statistic's distance from its expectation in standard errors of the sample. */
  const pull = (values: readonly number[], expected: number): number => {
    const average = mean(values);
    return (average - expected) / Math.sqrt(mean(values.map((value) => (value - average) ** 2)) / values.length);
  };

  test("lie inside their hosts as NFW says", () => {
    const radii = satellites.map(({ radius }) => radius);
    expect(radii.every((radius) => radius < 1.001)).toBe(true);
    // Mean radius for c = 5: integral of x m'(x) dx over m(1), with m'(x) = x / (1 + 5 x)^2.
    const x = Array.from({ length: 2000 }, (_, i) => (i + 0.5) / 2000);
    const slope = x.map((value) => value / (1 + 5 * value) ** 2);
    const expected = mean(slope.map((value, i) => value * x[i]!)) / mean(slope);
    expect(Math.abs(pull(radii, expected))).toBeLessThan(4);
  });

  test("move around them with the virial dispersion", () => {
    const squares = satellites.map(({ speed2 }) => speed2);
    expect(Math.abs(pull(squares, 3))).toBeLessThan(4);
  });
});

describe("identity", () => {
  test("equal seeds give equal bits, other seeds other ones", () => {
    const again = drawMock(universe, boxSize, 64, 100 + boxes - 1).galaxies;
    const hash = contentHash(last.galaxies.position, last.galaxies.velocity, last.galaxies.logStellarMass);
    expect(contentHash(again.position, again.velocity, again.logStellarMass)).toBe(hash);
    expect(again.host.every((host, row) => host === last.galaxies.host[row])).toBe(true);
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
