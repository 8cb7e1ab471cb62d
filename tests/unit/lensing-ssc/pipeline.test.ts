// merge -> ratio -> report on stand-in files: a planted patch is found, named and set aside; without it nothing is.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { RatioRecord } from "../../../campaigns/lensing-ssc/files/ratio-record.ts";
import { headlineOf } from "../../../campaigns/lensing-ssc/files/ratio-record.ts";
import { standinName, type Standin, writeStandin } from "../../../campaigns/lensing-ssc/standin.ts";
import { patchPositions } from "../../../campaigns/lensing-ssc/statistics/fibonacci.ts";
import { merge } from "../../../campaigns/lensing-ssc/tasks/merge.ts";
import { ratio, type RatioParams } from "../../../campaigns/lensing-ssc/tasks/ratio.ts";
import { report, type ReportParams } from "../../../campaigns/lensing-ssc/tasks/report.ts";
import { loadHdf5 } from "../../../src/validators/hdf5/entry.ts";
import { run } from "./job.ts";

const folder = mkdtempSync(join(tmpdir(), "lensing-pipeline-"));
afterAll(() => rmSync(folder, { recursive: true }));
const hdf5 = await loadHdf5();

const GRID = 103;
const ROWS = patchPositions(GRID, 10).length;
const SEEDS = { bigbox: [100, 102, 104, 106, 108], tiled: [201, 202, 203, 205, 206, 207] };
type Box = keyof typeof SEEDS;

const PARAMS: RatioParams = {
  numerator: "bigbox",
  denominator: "tiled",
  systematic: { sigma: 10, seedFraction: 0.5 },
  bootstrap: { resamples: 200, seed: 7 },
  patches: { gridPoints: GRID, openingDeg: 10, rmpGridPoints: ROWS },
};
const REPORT: ReportParams = {
  thresholds: { clMeanRatio: 0.01, clVarianceRatio: [0.5, 2], noiseLevel: 0.05, trendSigma: 2 },
};

async function mergeStandin(name: string, box: Box, zs: number, planted?: Standin["planted"]): Promise<string> {
  const here = join(folder, name, box);
  mkdirSync(here, { recursive: true });
  const standin = {
    zs,
    rows: ROWS,
    ngals: [0, 7, 30],
    smoothings: [2],
    superSample: box === "bigbox" ? 0.02 : 0,
    planted,
  };
  const stats = SEEDS[box].map((seed) => join(here, standinName(zs, seed)));
  stats.forEach((path, i) => writeStandin(hdf5, path, standin, SEEDS[box][i]!));
  const merged = join(here, `merged_zs${zs}.h5`);
  const { error } = await run(merge, { point: { box, zs }, params: {}, inputs: { stats }, outputs: { merged } });
  if (error !== undefined) throw error;
  return merged;
}

async function ratioOf(name: string, zs: number, planted?: Standin["planted"], params = PARAMS) {
  const boxes = ["bigbox", "tiled"] as const;
  const merged = await Promise.all(
    boxes.map(async (box) => {
      return { path: await mergeStandin(name, box, zs, box === "tiled" ? planted : undefined), point: { box, zs } };
    }),
  );
  const outputs = {
    ratio: join(folder, name, `ratio_zs${zs}.json`),
    covariance: join(folder, name, `covariance_zs${zs}.h5`),
  };
  const ran = await run(ratio, { point: { zs }, params, inputs: { merged }, outputs });
  return { ...ran, outputs, merged };
}

function recordOf(path: string): RatioRecord {
  return JSON.parse(readFileSync(path, "utf8")) as RatioRecord;
}

async function reportOf(name: string, paths: readonly string[], params = REPORT) {
  mkdirSync(join(folder, name), { recursive: true });
  const outputs = {
    verdict: join(folder, name, "verdict.txt"),
    summary: join(folder, name, "s.json"),
    figure: join(folder, name, "f.svg"),
  };
  const ratios = paths.map((path) => ({ path, point: { zs: recordOf(path).zs } }));
  const ran = await run(report, { point: {}, params, inputs: { ratios }, outputs });
  const read = (path: string) => readFileSync(path, "utf8");
  return {
    ...ran,
    text: () => read(outputs.verdict),
    json: () => read(outputs.summary),
    svg: () => read(outputs.figure),
  };
}

describe("a set with a planted patch", async () => {
  const planted = { row: 37, sigma: 30 };
  const far = await ratioOf("planted", 2, planted);
  const near = await ratioOf("planted", 1);
  const record = recordOf(far.outputs.ratio);

  test("is found in the right box, at the right row, with the direction of that row", () => {
    expect(far.error).toBeUndefined();
    expect(record.excluded.map(({ box, row }) => ({ box, row }))).toEqual([{ box: "tiled", row: 37 }]);
    const { theta, phi } = patchPositions(GRID, 10)[37]!;
    expect(record.excluded[0]!.direction.longitudeDeg).toBeCloseTo((phi * 180) / Math.PI, 10);
    expect(record.excluded[0]!.direction.latitudeDeg).toBeCloseTo(90 - (theta * 180) / Math.PI, 10);
    expect(record.excluded[0]!.evidence[0]).toMatchObject({ seeds: SEEDS.tiled.length });
    expect(far.metric("systematicRows").value).toBe(1);
    expect(far.metric("systematicRowsRemaining").value).toBe(0);
    expect(far.metric("systematicRows").detail).toMatchObject([{ box: "tiled", row: 37, why: "beyond 10 robust sigma in more than 0.5 of the seeds" }]); // prettier-ignore
  });

  test("is left out of the result and kept in the comparison", () => {
    const { all, clean } = headlineOf(record).ratios;
    expect(record.rows).toMatchObject({ all: ROWS, clean: ROWS - 1 });
    expect(all.variance[7]!).toBeLessThan(0.5);
    expect(clean.variance[7]!).toBeGreaterThan(0.9);
  });

  test("the super-sample mode of the stand-in comes out: variance 1 + (0.02 / 0.05)²", () => {
    const { overall } = headlineOf(record).ratios.clean;
    expect(Math.abs(overall!.variance - 1.16)).toBeLessThan(3 * overall!.error);
    expect(overall!.error).toBeLessThan(0.1);
  });

  test("an empty bin is masked, its neighbours are not", () => {
    const peaks = record.statistics.find(({ kind, ngal }) => kind === "peaks" && ngal === 0)!;
    expect(peaks.ratios.clean.variance.map((value) => value === null)).toEqual([
      true,
      ...new Array<boolean>(7).fill(false),
    ]);
    expect(peaks.ratios.clean.meanError[0]).toBeNull();
    expect(far.metric("maskedBins").value).toBe(record.degenerateBins);
  });

  test("covariances are symmetric, positive semi-definite and in both conventions", () => {
    expect(far.metric("covarianceSmallestEigenvalue").value).toBeGreaterThan(-1e-9);
    expect(far.metric("covarianceAsymmetry").value).toBe(0);
    hdf5.open(far.outputs.covariance, (file) => {
      const n = SEEDS.tiled.length * (ROWS - 1);
      expect(file.attribute("tiled/clean", "samples")).toBe(n);
      expect(file.info("tiled/clean/covariance").shape).toEqual([record.statistics.length, 8, 8]);
      const [plain, authors] = ["covariance", "covariance_authors"].map((name) => file.numbers(`tiled/clean/${name}`));
      expect(authors![9]! / plain![9]!).toBeCloseTo((n - 10) / (n - 1), 12);
      expect(file.read("statistics")).toEqual(record.statistics.map(({ path }) => path));
    });
  });

  test("the report says what was set aside, where it is, why, and what keeping it would have done", async () => {
    const { text, json, svg, metric, error, log } = await reportOf("planted", [far.outputs.ratio, near.outputs.ratio]);
    expect(error).toBeUndefined();
    expect(text()).toContain("PASS with warnings");
    expect(text()).toContain("  zs 2.0  row 37 of tiled\n");
    expect(text()).toMatch(
      /where {5}longitude \d+\.\d°, latitude -?\d+\.\d°; \d+\.\d° from the [+-][xyz] axis of the box/,
    );
    expect(text()).toMatch(/why {7}\d+ statistics show it, beyond 10 robust sigma in more than 50 % of the seeds/);
    expect(text()).toMatch(/if kept {3}variance ratio of C_l at l \d+: 0\.\d+ instead of [01]\.\d+/);
    expect(text()).toMatch(/zs 1\.0 {2}row 37 of tiled stays in: it exceeds only \d\.\d robust sigma in most seeds/);
    expect(text()).toContain("  WARN  set aside as systematic: row 37 of tiled at zs 2.0\n");
    expect(
      Math.max(
        ...text()
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100);
    expect(log).toContain("WARN  set aside as systematic: row 37 of tiled at zs 2.0");
    expect(metric("systematicPatches")).toEqual({ value: 1, detail: ["row 37 of tiled at zs 2.0"] });
    expect(metric("failedChecks").value).toBe(0);
    const summary = JSON.parse(json()) as { redshifts: RatioRecord[] };
    expect(summary.redshifts.map(({ zs }) => zs)).toEqual([1, 2]);
    expect(svg()).toMatch(/^<svg .*row 37.*<\/svg>$/s);
  });

  test("the same inputs give the same bytes: JSON, covariances, text and figure", async () => {
    const outputs = { ratio: join(folder, "again.json"), covariance: join(folder, "again.h5") };
    const again = await run(ratio, { point: { zs: 2 }, params: PARAMS, inputs: { merged: far.merged }, outputs });
    expect(again.error).toBeUndefined();
    for (const name of ["ratio", "covariance"] as const) {
      expect(readFileSync(outputs[name]).equals(readFileSync(far.outputs[name]))).toBe(true);
    }
    const [one, other] = [
      await reportOf("one", [near.outputs.ratio, far.outputs.ratio]),
      await reportOf("other", [far.outputs.ratio, near.outputs.ratio]),
    ];
    expect([other.text(), other.json(), other.svg()]).toEqual([one.text(), one.json(), one.svg()]);
  });

  test("ratio refuses sets that may not be compared", async () => {
    const outputs = { ratio: join(folder, "no.json"), covariance: join(folder, "no.h5") };
    const attempt = (params: RatioParams, merged = far.merged, zs = 2) =>
      run(ratio, { point: { zs }, params, inputs: { merged }, outputs }).then(({ error }) => error?.message);
    expect(await attempt(PARAMS, far.merged.slice(1))).toBe("ratio refused: 0 merged files for box bigbox, not 1");
    expect(await attempt(PARAMS, far.merged, 1)).toBe(
      `ratio refused: ${far.merged[0]!.path} says box bigbox, zs 2; needed box bigbox, zs 1`,
    );
    expect(await attempt({ ...PARAMS, patches: { ...PARAMS.patches, gridPoints: 105 } })).toBe(
      `ratio refused: ${ROWS} rows a seed, but a lattice of 105 points leaves ${ROWS + 2} patches: rows have no direction`,
    );
  });
});

describe("a set without one", async () => {
  const near = await ratioOf("clean", 1);
  const far = await ratioOf("clean", 2);

  test("nothing is set aside and all rows are the result", () => {
    const record = recordOf(far.outputs.ratio);
    expect(record.excluded).toEqual([]);
    expect(headlineOf(record).ratios.clean).toEqual(headlineOf(record).ratios.all);
    expect(far.metric("systematicRows").value).toBe(0);
    expect(far.metric("clMeanRatioError").value).toBeLessThan(0.01);
  });

  test("the report passes and says so", async () => {
    const { text, metric } = await reportOf("clean", [near.outputs.ratio, far.outputs.ratio]);
    expect(text()).toContain("\nPASS: 9 passed, 0 warnings, 0 failed\n");
    expect(text()).toContain("Set aside: nothing. No patch is an outlier in most seeds.");
    expect(metric("warnings").value).toBe(0);
    expect(metric("orderingViolations").value).toBe(0);
  });

  test("limits that are not met fail, with the number and where", async () => {
    const thresholds = { ...REPORT.thresholds, clMeanRatio: 1e-6, clVarianceRatio: [1.3, 1.4] as const };
    const { text, metric } = await reportOf("clean", [near.outputs.ratio, far.outputs.ratio], { thresholds });
    expect(text()).toMatch(/^FAIL: 7 passed, 0 warnings, 2 failed$/m);
    expect(text()).toMatch(/FAIL {2}mean C_l agrees within 0\.\d\d % \(zs \d\.0, l \d+\); limit 0\.00 %/);
    expect(text()).toMatch(/FAIL {2}variance ratio of C_l from \d\.\d{3} \(zs \d\.0, l \d+\) to/);
    expect(metric("failedChecks").value).toBe(2);
  });

  test("redshifts in the wrong order of power, or with other seeds, fail", async () => {
    const spoiled = join(folder, "spoiled.json");
    const record = recordOf(far.outputs.ratio);
    const tiled = { ...record.denominator, meanCl: record.denominator.meanCl.map(() => 0), seeds: [201, 202] };
    writeFileSync(spoiled, JSON.stringify({ ...record, denominator: tiled }));
    const { text, metric } = await reportOf("spoiled", [near.outputs.ratio, spoiled]);
    expect(metric("orderingViolations")).toEqual({ value: 1, detail: ["C_l of tiled, zs 1.0 to 2.0"] });
    expect(metric("seedMismatches").detail).toEqual(["tiled at zs 2.0 lacks seed 203, 205, 206, 207"]);
    expect(text()).toContain("  FAIL  no rise: C_l of tiled, zs 1.0 to 2.0\n");
  });
});
