// Covariance statistics in limits where the answer is known: Gaussian draws, Gaussian fields, too few realisations.
import { describe, expect, test } from "vitest";
import {
  closestPair,
  eigenvalues,
  ensembleStatistics,
  hartlapFactor,
  precisionMatrix,
  varianceRatioError,
} from "../../../campaigns/roman-grs/physics/covariance.ts";
import { whiteNoise } from "../../../campaigns/roman-grs/physics/linear-field.ts";
import { modeShells } from "../../../campaigns/roman-grs/physics/modes.ts";
import { randomStream } from "../../../campaigns/roman-grs/physics/random.ts";
import { chiSquareTail } from "../../../campaigns/roman-grs/physics/special-functions.ts";

function gaussianDraws(n: number, p: number, seed: number): Float64Array[] {
  const stream = randomStream(seed, n);
  return Array.from({ length: n }, () => Float64Array.from({ length: p }, () => stream.normal()));
}

describe("sample covariance", () => {
  test("by hand for three realisations of two bins", () => {
    const { mean, covariance, correlation } = ensembleStatistics([
      Float64Array.of(1, 10),
      Float64Array.of(2, 20),
      Float64Array.of(3, 60),
    ]);
    expect([...mean]).toEqual([2, 30]);
    expect(covariance.map((row) => [...row])).toEqual([
      [1, 25],
      [25, 700],
    ]);
    expect(correlation[0]![1]).toBeCloseTo(25 / Math.sqrt(700), 12);
    expect(correlation[0]![0]).toBe(1);
  });

  test("of one realisation is refused", () => {
    expect(() => ensembleStatistics([Float64Array.of(1)])).toThrow(
      "covariance of 1 realisation: at least 2 are needed",
    );
  });
});

describe("inverse", () => {
  test.each([
    [20, 1.9],
    [40, 1.3],
    [100, 1.1],
  ])("of %i realisations of 8 bins is biased by %f, which the Hartlap factor undoes", (n, bias) => {
    const p = 8;
    const repeats = 300;
    let trace = 0;
    for (let i = 0; i < repeats; i++) {
      const { covariance } = ensembleStatistics(gaussianDraws(n, p, 1000 + i));
      const precision = precisionMatrix(covariance, n, p)!; // the true covariance is the unit matrix
      trace += precision.reduce((sum, row, j) => sum + row[j]!, 0) / p / repeats;
    }
    expect(1 / hartlapFactor(n, p)!).toBeCloseTo(bias, 2);
    expect(Math.abs(trace - 1)).toBeLessThan(0.04);
  });

  test("is refused when n <= p + 2", () => {
    expect(hartlapFactor(10, 8)).toBeUndefined();
    expect(hartlapFactor(11, 8)).toBeCloseTo(0.1, 12);
    const { covariance } = ensembleStatistics(gaussianDraws(10, 8, 1));
    expect(precisionMatrix(covariance, 10, 8)).toBeUndefined();
  });

  test("of the first bins only", () => {
    const { covariance } = ensembleStatistics(gaussianDraws(50, 5, 2));
    const precision = precisionMatrix(covariance, 50, 2)!;
    const [a, b, d] = [covariance[0]![0]!, covariance[0]![1]!, covariance[1]![1]!];
    expect(precision).toHaveLength(2);
    expect(precision[0]![0]).toBeCloseTo(((46 / 49) * d) / (a * d - b * b), 10);
  });

  test("eigenvalues show a covariance of too few realisations to be singular", () => {
    const few = eigenvalues(ensembleStatistics(gaussianDraws(5, 8, 3)).correlation);
    expect(few[0]!).toBeLessThan(1e-10);
    const many = eigenvalues(ensembleStatistics(gaussianDraws(50, 8, 3)).correlation);
    expect(many[0]!).toBeGreaterThan(0.1);
    expect(many.reduce((sum, value) => sum + value, 0)).toBeCloseTo(8, 10);
  });
});

test("the power of Gaussian fields has variance 2 P^2 / N_modes, within the sampling error claimed", () => {
  const n = 16;
  const realizations = 200;
  const shells = modeShells(6);
  const power = Array.from({ length: realizations }, (_, seed) => {
    const { data } = whiteNoise(n, seed);
    const sums = new Float64Array(shells.shells);
    shells.shell.forEach((shell, m) => {
      const [x, y, z] = [shells.index[3 * m]! & 15, shells.index[3 * m + 1]! & 15, shells.index[3 * m + 2]! & 15];
      const at = 2 * ((x * n + y) * n + z);
      sums[shell]! += (data[at]! ** 2 + data[at + 1]! ** 2) / n ** 3 / shells.count[shell]!;
    });
    return sums;
  });
  const { mean, covariance, correlation } = ensembleStatistics(power);
  let chi2 = 0;
  for (let b = 0; b < shells.shells; b++) {
    const ratio = covariance[b]![b]! / ((2 * mean[b]! ** 2) / shells.count[b]!);
    chi2 += ((ratio - 1) / varianceRatioError(realizations, shells.count[b]!)) ** 2;
    expect(Math.abs(mean[b]! - 1)).toBeLessThan(4 * Math.sqrt(2 / shells.count[b]! / realizations));
  }
  expect(chiSquareTail(chi2, shells.shells)).toBeGreaterThan(1e-3);
  expect(chiSquareTail(chi2, shells.shells)).toBeLessThan(0.999);
  expect(Math.abs(correlation[2]![4]!)).toBeLessThan(4 / Math.sqrt(realizations));
});

test("shells hold the modes that can be counted by hand", () => {
  const { count, meanIndex, shell } = modeShells(2);
  expect([...count]).toEqual([18, 62]);
  expect(meanIndex[0]).toBeCloseTo((6 + 12 * Math.SQRT2) / 18, 12);
  expect(shell).toHaveLength(80);
});

test("two realisations with the same phases are found", () => {
  const vectors = gaussianDraws(12, 200, 4).map((row) => Float32Array.from(row));
  expect(closestPair(vectors).correlation).toBeLessThan(0.35);
  vectors[9] = vectors[3]!.map((value, i) => value + 0.3 * Math.sin(i));
  const closest = closestPair(vectors);
  expect(closest.pair).toEqual([3, 9]);
  expect(closest.correlation).toBeGreaterThan(0.9);
});
