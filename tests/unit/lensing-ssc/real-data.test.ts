// The 62 real files (LensingSSC, MIT) through merge and ratio, against numbers that numpy made of the same files (reference.py).
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { headlineOf, type RatioRecord } from "../../../campaigns/lensing-ssc/files/ratio-record.ts";
import type { Selection } from "../../../campaigns/lensing-ssc/statistics/exclusion.ts";
import { SELECTIONS } from "../../../campaigns/lensing-ssc/statistics/exclusion.ts";
import type { Evidence } from "../../../campaigns/lensing-ssc/statistics/systematic.ts";
import { merge } from "../../../campaigns/lensing-ssc/tasks/merge.ts";
import { ratio } from "../../../campaigns/lensing-ssc/tasks/ratio.ts";
import { loadHdf5 } from "../../../src/validators/hdf5/entry.ts";
import { run } from "./job.ts";
import reference from "./reference.json" with { type: "json" };

const root = import.meta.dirname + "/../../..";
const data = join(process.env["CMC_SHARED_DATA"] ?? join(root, "../shared/data"), "lensing-ssc");
const present = existsSync(join(data, "tiled/stats"));
const why = present ? "" : ` (skipped: no real data at ${data}; set CMC_SHARED_DATA)`;

const folder = mkdtempSync(join(tmpdir(), "lensing-real-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Table {
  readonly variance: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
}

/** Columns of `sums`: masked bins, sum of variance ratios, of mean ratios, sum and trace of the tiled covariance. */
interface Reference {
  readonly zs: number;
  readonly systematic: Readonly<Record<string, Readonly<Record<string, readonly Evidence[]>>>>;
  readonly rows: Readonly<Record<Selection, number>>;
  readonly statistics: Readonly<Record<string, Readonly<Record<Selection, Table>>>>;
  readonly sums: Readonly<Record<string, Readonly<Record<Selection, readonly number[]>>>>;
  readonly bootstrap: { readonly varianceError: readonly number[]; readonly meanError: readonly number[] };
}

async function pipeline(zs: number) {
  const merged = [];
  for (const box of ["bigbox", "tiled"]) {
    const stats = readdirSync(join(data, box, "stats"))
      .filter((name) => name.startsWith(`stats_zs${zs.toFixed(1)}_`))
      .map((name) => join(data, box, "stats", name));
    const path = join(folder, `${box}_${zs}.h5`);
    const ran = await run(merge, { point: { box, zs }, params: {}, inputs: { stats }, outputs: { merged: path } });
    if (ran.error !== undefined) throw ran.error;
    merged.push({ path, point: { box, zs }, ran });
  }
  const params = {
    numerator: "bigbox",
    denominator: "tiled",
    systematic: { sigma: 10, seedFraction: 0.5 },
    bootstrap: { resamples: 500, seed: 1 },
    patches: { gridPoints: 273, openingDeg: 10, rmpGridPoints: 265 },
  };
  const outputs = { ratio: join(folder, `ratio_${zs}.json`), covariance: join(folder, `covariance_${zs}.h5`) };
  const ran = await run(ratio, { point: { zs }, params, inputs: { merged }, outputs });
  if (ran.error !== undefined) throw ran.error;
  const record = JSON.parse(readFileSync(outputs.ratio, "utf8")) as RatioRecord;
  return { record, ran, merged: merged.map((one) => one.ran), covariance: outputs.covariance };
}

function sum(values: Iterable<number | null>): number {
  let total = 0;
  for (const value of values) total += value ?? 0;
  return total;
}

/** Largest relative difference; null must stand where null stands. */
function difference(found: readonly (number | null)[], expected: readonly (number | null)[]): number {
  expect(found.map((value) => value === null)).toEqual(expected.map((value) => value === null));
  return Math.max(0, ...found.map((value, i) => Math.abs((value ?? 1) / (expected[i] ?? 1) - 1)));
}

describe.skipIf(!present).each(reference.redshifts as unknown as Reference[])(
  `zs $zs of the real files${why}`,
  async (expected) => {
    const hdf5 = await loadHdf5();
    const { record, ran, merged, covariance } = present ? await pipeline(expected.zs) : ({} as never);
    const paths = Object.keys(expected.sums);

    test("the files pass what merge measures", () => {
      for (const one of merged) {
        for (const name of ["missingStatistics", "metadataDifferences", "zeroRows", "nonFiniteRows", "v0Violations"]) {
          expect(one.metric(name).value).toBe(0);
        }
        expect(one.metric("rowsPerSeed").value).toBe(265);
        expect(one.metric("smallestCl").value).toBeGreaterThan(0);
        expect(one.metric("normalisationError").value).toBeLessThan(1e-7);
      }
      expect(merged.map((one) => one.metric("seeds").value)).toEqual([11, 20]);
    });

    test("systematic patches: the same rows, boxes, statistics and sigmas as numpy finds", () => {
      const found = record.excluded.map(({ box, row }) => `${box} ${row}`);
      const wanted = Object.entries(expected.systematic).flatMap(([box, rows]) =>
        Object.keys(rows).map((row) => `${box} ${row}`),
      );
      expect(found).toEqual(wanted);
      for (const { box, row, evidence } of record.excluded) {
        const numpy = expected.systematic[box]![row]!;
        const key = ({ statistic, bin, seeds }: Evidence) => `${statistic} ${bin} ${seeds}`;
        expect(evidence.map(key)).toEqual(numpy.map(key));
        expect(
          difference(
            evidence.map(({ worst }) => worst),
            numpy.map(({ worst }) => worst),
          ),
        ).toBeLessThan(1e-6);
        expect(
          difference(
            evidence.map(({ smallest }) => smallest),
            numpy.map(({ smallest }) => smallest),
          ),
        ).toBeLessThan(1e-6);
      }
      expect(record.remaining).toBe(0);
      expect(record.rows).toEqual(expected.rows);
    });

    test("variance and mean ratios of six statistics, every bin and selection, to 1e-6", () => {
      for (const [path, tables] of Object.entries(expected.statistics)) {
        const { ratios } = record.statistics.find((one) => one.path === path)!;
        for (const selection of SELECTIONS) {
          expect(difference(ratios[selection].variance, tables[selection].variance)).toBeLessThan(1e-6);
          expect(difference(ratios[selection].mean, tables[selection].mean)).toBeLessThan(1e-6);
        }
      }
    });

    test("all 140 statistics: masked bins, summed ratios, sum and trace of the tiled covariance, to 1e-6", () => {
      expect(record.statistics.map(({ path }) => path).sort()).toEqual([...paths].sort());
      const covariances = hdf5.open(covariance, (file) =>
        SELECTIONS.map((selection) => [selection, file.numbers(`tiled/${selection}/covariance`)] as const),
      );
      record.statistics.forEach(({ path, ratios }, index) => {
        for (const [selection, values] of covariances) {
          const matrix = values.subarray(index * 64, (index + 1) * 64);
          const { variance, mean } = ratios[selection];
          const found = [
            variance.filter((value) => value === null).length,
            sum(variance),
            sum(mean),
            sum(matrix),
            sum(matrix.filter((_, i) => i % 9 === 0)),
          ];
          const [masked, ...sums] = expected.sums[path]![selection];
          expect(found[0]).toBe(masked);
          // The covariance of a normalised histogram sums to 0: its sum is compared on the scale of its trace.
          expect(Math.abs(found[3]! - sums[2]!) / sums[3]!).toBeLessThan(1e-6);
          expect(difference([found[1]!, found[2]!, found[4]!], [sums[0]!, sums[1]!, sums[3]!])).toBeLessThan(1e-6);
        }
      });
    });

    test("covariances are the authors' own, to 1e-9 (ensemble_stats.npz, all 265 rows)", () => {
      const authors = reference.authors as Readonly<Record<string, readonly (readonly number[])[]>>;
      hdf5.open(covariance, (file) => {
        for (const box of ["bigbox", "tiled"]) {
          const found = file.numbers(`${box}/all/covariance_authors`).subarray(0, 64);
          expect(difference([...found], authors[`${box} ${expected.zs.toFixed(1)}`]!.flat())).toBeLessThan(1e-9);
        }
      });
    });

    test("bootstrap errors agree with numpy's (another generator, 4000 resamples) within 15 %", () => {
      const { varianceError, meanError } = headlineOf(record).ratios.clean;
      expect(difference(varianceError, expected.bootstrap.varianceError)).toBeLessThan(0.15);
      expect(difference(meanError, expected.bootstrap.meanError)).toBeLessThan(0.15);
    });

    test("the published statement: means within 1 %, variances within 0.9 to 1.4", () => {
      expect(ran.metric("clMeanRatioError").value).toBeLessThan(0.01);
      expect(ran.metric("clVarianceRatioMin").value).toBeGreaterThan(0.9);
      expect(ran.metric("clVarianceRatioMax").value).toBeLessThan(1.4);
      expect(ran.metric("covarianceSmallestEigenvalue").value).toBeGreaterThan(-1e-9);
    });
  },
);

test("the reference numbers: a systematic patch in tiled at zs 2.5, none at zs 1.0", () => {
  const [near, far] = reference.redshifts as unknown as readonly Reference[];
  expect(near!.systematic).toEqual({ bigbox: {}, tiled: {} });
  expect(far!.systematic["bigbox"]).toEqual({});
  expect(Object.keys(far!.systematic["tiled"]!)).toHaveLength(1);
});
