// The pure functions on cases small enough to compute by hand, or against a slow and obvious computation.
import { describe, expect, test } from "vitest";
import { drawSeeds, resampledMoments, spread } from "../../../campaigns/lensing-ssc/statistics/bootstrap.ts";
import {
  asymmetry,
  authorsFactor,
  covariance,
  smallestEigenvalue,
} from "../../../campaigns/lensing-ssc/statistics/covariance.ts";
import {
  directionOf,
  fibonacciGrid,
  patchPositions,
  replicationMinimisedRows,
} from "../../../campaigns/lensing-ssc/statistics/fibonacci.ts";
import { binnedStatistics, parseFileName } from "../../../campaigns/lensing-ssc/statistics/layout.ts";
import { degenerateBins, pooledMoments, seedMoments } from "../../../campaigns/lensing-ssc/statistics/moments.ts";
import { noiseLevels, noiseRealisations } from "../../../campaigns/lensing-ssc/statistics/noise.ts";
import { ratios, type Sample } from "../../../campaigns/lensing-ssc/statistics/ratio.ts";
import { medianAbsoluteDeviation, quantile, robustScale } from "../../../campaigns/lensing-ssc/statistics/robust.ts";
import { everyRow, type Stack } from "../../../campaigns/lensing-ssc/statistics/stack.ts";

/** [seed][row][bin] as nested lists. */
function stackOf(nested: readonly (readonly (readonly number[])[])[]): Stack {
  const values = Float64Array.from(nested.flat(2));
  return { seeds: nested.length, rows: nested[0]!.length, bins: nested[0]![0]!.length, values };
}

/** Deterministic, irregular values. */
function ragged(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 7919 + 13) % 101) / 10);
}

describe("moments", () => {
  test("population variance of all rows of all seeds", () => {
    // Values 1, 3, 5, 7: mean 4, squared deviations 9, 1, 1, 9.
    const { mean, variance, count } = pooledMoments(
      stackOf([
        [[1], [3]],
        [[5], [7]],
      ]),
      [0, 1],
    );
    expect({ mean: [...mean], variance: [...variance], count }).toEqual({ mean: [4], variance: [5], count: 4 });
  });

  test("only the selected rows enter", () => {
    const { mean, count } = pooledMoments(
      stackOf([
        [[1], [100]],
        [[3], [100]],
      ]),
      [0],
    );
    expect({ mean: [...mean], count }).toEqual({ mean: [2], count: 2 });
  });

  test("two passes: a large level does not eat the scatter", () => {
    const { variance } = pooledMoments(stackOf([[[1e9 + 1], [1e9 + 3]]]), [0, 1]);
    expect([...variance]).toEqual([1]);
  });

  test("a bin without scatter in any one seed is degenerate; one with scatter in all is not", () => {
    const stack = stackOf([
      [[0, 1, 5], [0, 2, 5]],
      [[0, 1, 5], [1, 3, 5 + 1e-7]],
    ]); // prettier-ignore
    expect(degenerateBins(seedMoments(stack, [0, 1]))).toEqual([true, false, true]);
  });
});

describe("ratio of two sets", () => {
  const sample = (nested: readonly (readonly (readonly number[])[])[], draws: readonly number[][]): Sample => ({
    stack: stackOf(nested),
    rows: [0, 1],
    draws: draws.map((times) => Uint16Array.from(times)),
  });

  test("variance 4 over 1, mean 4 over 2, by hand; degenerate bin masked, not divided", () => {
    // Bin 0: {2,6},{2,6} has mean 4, variance 4; {1,3},{1,3} has mean 2, variance 1. Bin 1 is constant below.
    const above = sample([[[2, 1], [6, 2]], [[2, 1], [6, 2]]], [[1, 1], [2, 0]]); // prettier-ignore
    const below = sample([[[1, 7], [3, 7]], [[1, 7], [3, 7]]], [[1, 1], [0, 2]]); // prettier-ignore
    expect(ratios(above, below)).toEqual({
      variance: [4, null],
      varianceError: [0, null],
      mean: [2, null],
      meanError: [0, null],
      overall: null,
    });
  });

  test("errors are the spread over resamples of seeds", () => {
    // Seeds of the numerator have variance 1 and 4 about equal means: draws (2,0) and (0,2) give ratios 1 and 4.
    const above = sample([[[9], [11]], [[8], [12]]], [[2, 0], [0, 2]]); // prettier-ignore
    const below = sample([[[9], [11]], [[9], [11]]], [[1, 1], [1, 1]]); // prettier-ignore
    const found = ratios(above, below);
    expect(found.variance).toEqual([2.5]);
    expect(found.varianceError[0]).toBeCloseTo(3 / Math.SQRT2, 12);
    expect(found.overall!.variance).toBeCloseTo(2.5, 12);
    expect(found.overall!.error).toBeCloseTo(3 / Math.SQRT2, 12);
  });

  test("the average over bins weighs with 1 / error²", () => {
    const above = sample([[[9, 9], [11, 11]], [[8, 8.9], [12, 11.1]]], [[2, 0], [0, 2], [1, 1]]); // prettier-ignore
    const below = sample([[[9, 9], [11, 11]], [[9, 9], [11, 11]]], [[1, 1], [1, 1], [1, 1]]); // prettier-ignore
    const { variance, varianceError, overall } = ratios(above, below);
    const weights = varianceError.map((error) => 1 / error! ** 2);
    const expected = (variance[0]! * weights[0]! + variance[1]! * weights[1]!) / (weights[0]! + weights[1]!);
    expect(overall!.variance).toBeCloseTo(expected, 12);
  });
});

describe("bootstrap", () => {
  test("moments of a resample are those of the rows it stands for", () => {
    const rows = 5;
    const nested = [0, 1, 2].map((seed) => Array.from({ length: rows }, (_, row) => [ragged(100)[seed * rows + row]!]));
    const perSeed = seedMoments(stackOf(nested), everyRow(rows));
    const times = [2, 0, 1];
    const { mean, variance } = resampledMoments(perSeed, 0, [Uint16Array.from(times)]);
    const repeated = times.flatMap((count, seed) => Array.from({ length: count }, () => nested[seed]!));
    const direct = pooledMoments(stackOf(repeated), everyRow(rows));
    expect(mean[0]).toBeCloseTo(direct.mean[0]!, 12);
    expect(variance[0]).toBeCloseTo(direct.variance[0]!, 12);
  });

  test("the same seed draws the same; another does not; every draw has as many as there are", () => {
    const draw = (seed: number) => drawSeeds({ resamples: 50, seed }, [11, 20]);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    for (const times of draw(3)[1]!) expect(times.reduce((a, b) => a + b, 0)).toBe(20);
  });

  test("spread is the sample standard deviation", () => {
    expect(spread(Float64Array.of(1, 2, 3, 4))).toBeCloseTo(Math.sqrt(5 / 3), 15);
  });
});

describe("robust scale", () => {
  test.each([1, 2, 5, 8, 31])("MAD of %i values as by sorting the deviations", (count) => {
    const sorted = Float64Array.from(ragged(count)).sort();
    const median = quantile(sorted, 0.5);
    const deviations = sorted.map((value) => Math.abs(value - median)).sort();
    expect(medianAbsoluteDeviation(sorted, median)).toBeCloseTo(quantile(deviations, 0.5), 15);
  });

  test("quantiles interpolate as numpy.quantile", () => {
    expect([0, 0.25, 0.5, 1].map((p) => quantile([1, 2, 4, 8], p))).toEqual([1, 1.75, 3, 8]);
  });

  test("a regular sample has a credible scale, whatever one row in a hundred does", () => {
    const { sigma, credible } = robustScale(Float64Array.from([...ragged(100), 1e6]));
    expect(credible).toBe(true);
    expect(sigma).toBeGreaterThan(1);
    expect(sigma).toBeLessThan(10);
  });

  test("a bin of rare events has none: half of its rows are equal", () => {
    const rare = Float64Array.from([...new Array<number>(55).fill(0), ...ragged(45)]);
    expect(robustScale(rare).credible).toBe(false);
    const nearlyZero = Float64Array.from([...ragged(55).map((value) => value * 1e-9), ...ragged(45)]);
    expect(robustScale(nearlyZero).credible).toBe(false);
  });
});

describe("patches on the sky", () => {
  test("265 of the 273 lattice points are away from the poles, 186 of 265 are replication-minimised", () => {
    expect(patchPositions(273, 10)).toHaveLength(265);
    expect(replicationMinimisedRows(265, 10)).toHaveLength(186);
  });

  test("first and last rows are the authors' centre points (fibonacci_points_10.txt, lines 5 and 269)", () => {
    const [first, last] = [patchPositions(273, 10)[0]!, patchPositions(273, 10)[264]!];
    expect(first.theta + last.theta).toBeCloseTo(Math.PI, 12);
    expect(first.theta).toBeGreaterThan((10 * Math.PI * Math.SQRT2) / 180);
    expect(fibonacciGrid(273)[0]!.theta).toBeCloseTo(8.561824707313503e-2, 12);
    expect(fibonacciGrid(273)[0]!.phi).toBeCloseTo(5.952548576937936, 10);
  });

  test("the middle row looks along +x; a direction is named by its nearest axis", () => {
    expect(directionOf(patchPositions(273, 10)[132]!)).toEqual({
      longitudeDeg: 0,
      latitudeDeg: 0,
      axis: "+x",
      axisSeparationDeg: 0,
    });
    const south = directionOf({ theta: Math.PI - 0.1, phi: 1 });
    expect(south.axis).toBe("-z");
    expect(south.axisSeparationDeg).toBeCloseTo((0.1 * 180) / Math.PI, 10);
  });

  test("an even number of points is no lattice", () => {
    expect(() => fibonacciGrid(272)).toThrow("a Fibonacci lattice has an odd number of points, at least 3; not 272");
  });
});

describe("covariance", () => {
  const stack = stackOf([[[1, 2], [2, 4.5], [3, 5.5]]]); // prettier-ignore

  test("ddof 1, by hand", () => {
    // Deviations (-1,0,1) and (-2,0.5,1.5): cov = [[1, 1.75], [1.75, 3.25]].
    const { values, samples, mean } = covariance(stack, [0, 1, 2]);
    expect([...values]).toEqual([1, 1.75, 1.75, 3.25]);
    expect({ samples, mean: [...mean] }).toEqual({ samples: 3, mean: [2, 4] });
  });

  test("the authors' factor, and its refusal", () => {
    expect(authorsFactor(5300, 8)).toBe(5290 / 5299);
    expect(() => authorsFactor(10, 8)).toThrow("10 rows for 8 bins: the covariance needs more than bins + 2");
  });

  test("eigenvalues and asymmetry tell a covariance from something else", () => {
    expect(smallestEigenvalue([4, 2, 2, 4], 2, [0, 1])).toBeCloseTo(0.5, 12);
    expect(smallestEigenvalue([1, 2, 2, 1], 2, [0, 1])).toBeCloseTo(-1, 12);
    expect(smallestEigenvalue([1, 0, 0, 0], 2, [0])).toBe(1);
    expect(smallestEigenvalue([0], 1, [])).toBeUndefined();
    expect(asymmetry([4, 2, 1, 4], 2)).toBe(0.25);
  });
});

describe("shape noise", () => {
  const model = { epsilon: 0.26, ell: [500, 1000] };
  const white = (0.26 * (Math.PI / 10800)) ** 2;
  /** C(0) = 1e-4, cross power `x`, noise power `scale` times the expected one, two bins, one seed. */
  const spectra = (patches: readonly { x: number; scale: number }[]): ReadonlyMap<number, Stack> =>
    new Map(
      [0, 7, 30].map((ngal) => {
        const row = ({ x, scale }: { x: number; scale: number }) =>
          model.ell.map((l) => {
            const noise = ngal === 0 ? 0 : (scale * white * l * (l + 1)) / (2 * Math.PI * ngal);
            return 1e-4 + (ngal === 0 ? 0 : x / Math.sqrt(ngal)) + noise;
          });
        return [ngal, stackOf([patches.map(row)])];
      }),
    );

  test("the level is measured against epsilon² / ngal", () => {
    const levels = noiseLevels(spectra([{ x: 0, scale: 1.1 }, { x: 0, scale: 0.9 }, { x: 0, scale: 1.06 }]), model); // prettier-ignore
    expect(levels.map(({ ngal, bin }) => [ngal, bin])).toEqual([[7, 0], [7, 1], [30, 0], [30, 1]]); // prettier-ignore
    for (const { ratio } of levels) expect(ratio).toBeCloseTo(1.02, 9);
  });

  test("copies of a noise map are counted, whatever the signal they are added to", () => {
    const found = noiseRealisations(
      spectra([
        { x: 1e-6, scale: 1.1 },
        { x: -3e-6, scale: 1.1 },
        { x: 2e-6, scale: 0.9 },
        { x: 0, scale: 1.1 },
      ]),
    );
    expect(found).toEqual({ patches: 4, distinct: 2, largestShare: 3 });
  });

  test("one noisy spectrum cannot tell", () => {
    const [zero, seven] = [...spectra([{ x: 0, scale: 1 }])];
    expect(noiseRealisations(new Map([zero!, seven!]))).toBeUndefined();
  });
});

describe("layout", () => {
  test("140 binned statistics for five ngal and four smoothings, C_l first", () => {
    const statistics = binnedStatistics([0, 7, 15, 30, 50], [2, 5, 8, 10]);
    expect(statistics).toHaveLength(140);
    expect(new Set(statistics.map(({ path }) => path)).size).toBe(140);
    expect(statistics[0]!.path).toBe("power_spectra/ngal_0/cl");
  });

  test("file names", () => {
    expect(parseFileName("/x/stats/stats_zs2.5_s121_oa10.h5")).toEqual({ zs: 2.5, seed: 121 });
    expect(() => parseFileName("/x/kappa_zs2.5_s121.fits")).toThrow(
      "/x/kappa_zs2.5_s121.fits: the name says no redshift and seed; expected stats_zs{zs}_s{seed}_oa{angle}.h5",
    );
  });
});
