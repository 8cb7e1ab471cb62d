// The stages on real files: layout of the catalogue, identity, pack against populate and measure, verdict and figure.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FanInElement } from "cmc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EnsembleRecord } from "../../../campaigns/roman-grs/files/ensemble-record.ts";
import { readSpectra } from "../../../campaigns/roman-grs/files/spectra-file.ts";
import { gates } from "../../../campaigns/roman-grs/gates.ts";
import { judge, worst } from "../../../campaigns/roman-grs/report/judge.ts";
import { covariance } from "../../../campaigns/roman-grs/tasks/covariance.ts";
import { measure } from "../../../campaigns/roman-grs/tasks/measure.ts";
import { nsfr } from "../../../campaigns/roman-grs/tasks/nsfr.ts";
import { pack } from "../../../campaigns/roman-grs/tasks/pack.ts";
import { populate } from "../../../campaigns/roman-grs/tasks/populate.ts";
import { report } from "../../../campaigns/roman-grs/tasks/report.ts";
import { hdf5, run, type Ran } from "./job.ts";

const folder = mkdtempSync(join(tmpdir(), "roman-grs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const box = { redshift: 1.1, boxSize: 250, gridSize: 32, logMassMin: 12.4 };
const mesh = { meshSize: 32, shells: 7 };
const seedOf = (realization: number): number => 4000 + realization;
const ranges = { kMax: 0.12, kGaussian: 0.11, kWide: 0.14, kExcess: 0.15 };
const realizations = Array.from({ length: 12 }, (_, i) => i);
const element = (path: string, point: FanInElement["point"]): FanInElement => ({ path, point });

const populated = (realization: number, name: string, extra: { seed?: number; gzip?: number } = {}): Promise<Ran> =>
  run(populate, {
    params: { ...box, realization, seed: seedOf(realization), ...extra },
    inputs: {},
    outputs: { catalog: at(name) },
  });
const measuredFrom = (realization: number, catalog: string, name: string): Promise<Ran> =>
  run(measure, {
    params: { ...box, ...mesh, realization },
    inputs: { catalog: at(catalog) },
    outputs: { spectra: at(name) },
  });
const covarianceOf = (spectra: readonly string[], name: string, kMax = ranges.kMax): Promise<Ran> =>
  run(covariance, {
    params: { ...ranges, kMax },
    inputs: { spectra: spectra.map((path, i) => element(at(path), { realization: i })) },
    outputs: { covariance: at(`${name}.hdf5`), record: at(`${name}.json`) },
  });

let populateRan: Ran;
let measureRan: Ran;

beforeAll(async () => {
  populateRan = await populated(3, "r3.hdf5");
  measureRan = await measuredFrom(3, "r3.hdf5", "s3.hdf5");
  await run(pack, {
    params: { ...box, ...mesh, realizations, seeds: realizations.map(seedOf) },
    inputs: {},
    outputs: { spectra: at("pack.hdf5") },
  });
});

describe("populate", () => {
  test("writes the covariance-mocks layout", async () => {
    (await hdf5).open(at("r3.hdf5"), (file) => {
      const n = Number(file.attribute("/", "n_galaxies"));
      const m = Number(file.attribute("/", "n_halos"));
      const layout = (group: string) => file.keys(group).map((name) => [name, file.info(`${group}/${name}`)]);
      const column = (dtype: string, ...shape: number[]) => ({ dtype, shape });
      expect(Object.fromEntries(layout("galaxies"))).toEqual({
        pos: column("f4", n, 3),
        vel: column("f4", n, 3),
        logmp_t_obs: column("f4", n),
        logsm_t_obs: column("f4", n),
        logssfr_t_obs: column("f4", n),
        upid: column("i8", n),
        t_table: column("f4", 50),
        t0: column("f4"),
        t_obs: column("f4"),
        z_obs: column("f8"),
      });
      expect(Object.fromEntries(layout("halos"))).toEqual({
        logmhost: column("f4", m),
        radius: column("f4", m),
        pos: column("f4", m, 3),
        vel: column("f4", m, 3),
      });
      const attribute = (name: string) => file.attribute("/", name);
      expect(["Lbox", "z_obs", "lgmp_min", "phase", "redshift", "mpi_rank", "mpi_size"].map(attribute)).toEqual([
        250,
        1.1,
        12.4,
        "ph0003",
        "1.100",
        0n,
        1n,
      ]);
      const upid = file.read("galaxies/upid") as BigInt64Array;
      const firstSatellite = upid.findIndex((host) => host >= 0n);
      expect(firstSatellite).toBeGreaterThan(n / 2);
      expect(upid.slice(firstSatellite).every((host) => host >= 0n && host < BigInt(m))).toBe(true);
      // AbacusSummit c000 is 13.8 Gyr old today and 5.5 Gyr old at z = 1.1.
      expect(file.numbers("galaxies/t0")[0]).toBeCloseTo(13.8, 1);
      expect(file.numbers("galaxies/t_obs")[0]).toBeCloseTo(5.46, 1);
    });
  });

  test("reports what its gates ask for, all within them", () => {
    const asked = Object.values(gates.populate).map(({ metric }) => metric);
    expect(asked.filter((metric) => !Number.isFinite(populateRan.metrics[metric]))).toEqual([]);
    expect(populateRan.metrics).toMatchObject({ finiteFraction: 1, inBoxFraction: 1, validHostFraction: 1 });
    expect(populateRan.metrics.satelliteFraction).toBeCloseTo(0.095, 1);
  });

  test("gzip changes the size of the file and not its content", async () => {
    await populated(3, "r3.gz.hdf5", { gzip: 4 });
    expect(statSync(at("r3.gz.hdf5")).size).toBeLessThan(0.85 * statSync(at("r3.hdf5")).size);
    const columns = await Promise.all(
      ["r3.hdf5", "r3.gz.hdf5"].map(async (name) =>
        (await hdf5).open(at(name), (file) => file.numbers("galaxies/vel")),
      ),
    );
    expect(columns[0]).toEqual(columns[1]);
  });
});

describe("measure", () => {
  test("reports what its gates ask for, all within them", () => {
    const asked = Object.values(gates.measure).map(({ metric }) => metric);
    expect(asked.filter((metric) => !Number.isFinite(measureRan.metrics[metric]))).toEqual([]);
    expect(measureRan.metrics.identityMismatches).toBe(0);
    expect(measureRan.metrics.shotNoiseDeviation).toBeLessThan(1e-9);
    expect(measureRan.metrics.lowShellsMinPValue).toBeGreaterThan(1e-5);
  });

  test("notices the catalogue of another realisation", async () => {
    const { metrics } = await measuredFrom(4, "r3.hdf5", "wrong.hdf5");
    expect(metrics.identityMismatches).toBe(1);
  });
});

test("pack finds the same spectra, bit for bit, as populate and measure", async () => {
  const one = readSpectra(await hdf5, at("s3.hdf5"));
  const many = readSpectra(await hdf5, at("pack.hdf5"));
  expect(many.frame).toEqual(one.frame);
  expect(many.realizations[3]).toEqual(one.realizations[0]);
  expect(new Set(many.realizations.map(({ contentHash }) => contentHash)).size).toBe(12);
});

test("pack refuses a missing seed", async () => {
  const job = run(pack, {
    params: { ...box, ...mesh, realizations, seeds: [1] },
    inputs: {},
    outputs: { spectra: at("x.hdf5") },
  });
  await expect(job).rejects.toThrow("pack of 12 realisations with 1 seeds: one seed for each is needed");
});

describe("covariance", () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await covarianceOf(["pack.hdf5"], "covariance");
  });

  test("reports what its gates ask for", () => {
    const asked = Object.values(gates.covariance).map(({ metric }) => metric);
    expect(asked.filter((metric) => !Number.isFinite(ran.metrics[metric]))).toEqual([]);
    expect(ran.metrics).toMatchObject({ nRealizations: 12, duplicateCatalogs: 0, duplicateRealizations: 0, nBins: 4 });
    expect(ran.metrics.hartlapFactor).toBeCloseTo(6 / 11, 12);
    expect(ran.metrics.maxFieldCorrelation).toBeLessThan(0.5);
    expect(ran.metrics.varianceRatioPValue).toBeGreaterThan(1e-3);
  });

  test("writes the covariance of the spectra it read", async () => {
    const spectra = readSpectra(await hdf5, at("pack.hdf5")).realizations.map(({ spectrum }) => spectrum.p0);
    const mean = (b: number): number => spectra.reduce((sum, p0) => sum + p0[b]!, 0) / 12;
    const expected = spectra.reduce((sum, p0) => sum + (p0[1]! - mean(1)) * (p0[2]! - mean(2)), 0) / 11;
    (await hdf5).open(at("covariance.hdf5"), (file) => {
      expect(file.info("covariance/p0").shape).toEqual([7, 7]);
      expect(file.info("precision/p0").shape).toEqual([4, 4]);
      expect(file.numbers("covariance/p0")[1 * 7 + 2]! / expected).toBeCloseTo(1, 10);
      expect(file.numbers("mean/p0")[2]! / mean(2)).toBeCloseTo(1, 12);
      expect(file.attribute("/", "n_realizations")).toBe(12n);
    });
  });

  test("refuses an inverse of too many bins and says so", async () => {
    const enough = await covarianceOf(["pack.hdf5"], "enough", 1);
    expect(enough.metrics).toMatchObject({ nBins: 7, inverseAvailable: 1 });
    expect(enough.log).toEqual([]);
    await run(pack, {
      params: { ...box, ...mesh, realizations: realizations.slice(0, 9), seeds: realizations.slice(0, 9).map(seedOf) },
      inputs: {},
      outputs: { spectra: at("nine.hdf5") },
    });
    const few = await covarianceOf(["nine.hdf5"], "few", 1);
    expect(few.metrics).toMatchObject({ inverseAvailable: 0, hartlapFactor: 0 });
    expect(few.log).toEqual(["no inverse: 9 realisations for 7 bins, 10 are the fewest"]);
    expect((await hdf5).open(at("few.hdf5"), (file) => file.has("precision"))).toBe(false);
  });

  test("sees one realisation that counts twice and one seed used twice", async () => {
    const twice = await covarianceOf(["pack.hdf5", "s3.hdf5"], "twice");
    expect(twice.metrics).toMatchObject({ duplicateRealizations: 1, duplicateCatalogs: 1 });
    expect(twice.metrics.maxFieldCorrelation).toBeCloseTo(1, 5);
    await populated(12, "r12.hdf5", { seed: seedOf(5) });
    await measuredFrom(12, "r12.hdf5", "s12.hdf5");
    const reseeded = await covarianceOf(["pack.hdf5", "s12.hdf5"], "reseeded");
    expect(reseeded.metrics).toMatchObject({ duplicateRealizations: 0, duplicateCatalogs: 1 });
  });

  test("refuses to average different boxes", async () => {
    await run(pack, {
      params: { ...box, ...mesh, redshift: 1.4, realizations: [0], seeds: [1] },
      inputs: {},
      outputs: { spectra: at("z14.hdf5") },
    });
    await expect(covarianceOf(["pack.hdf5", "z14.hdf5"], "mixed")).rejects.toThrow("redshift is 1.4, but 1.1 in");
  });
});

describe("report", () => {
  const reported = (name: string): Promise<Ran> =>
    run(report, {
      params: { gates: gates.covariance, kGaussian: ranges.kGaussian },
      inputs: { records: [element(at("covariance.json"), { redshift: 1.1 })] },
      outputs: { verdict: at(`${name}.txt`), figure: at(`${name}.svg`) },
    });

  test("is a verdict and a figure, the same whenever it is made", async () => {
    const { metrics } = await reported("first");
    await reported("second");
    const [text, again] = ["first", "second"].map((name) => readFileSync(at(`${name}.txt`), "utf8"));
    expect(text).toBe(again);
    expect(text).toMatch(/^Covariance mocks: (PASS|WARN|FAIL)\n/);
    expect(text).toMatch(/z = 1\.100 {3}12 realisations/);
    expect(text!.split("\n").filter((line) => /^ {2}(PASS|WARN|FAIL) {2}/.test(line))).toHaveLength(13);
    expect(metrics.redshifts).toBe(1);
    const svg = readFileSync(at("first.svg"), "utf8");
    expect(svg).toBe(readFileSync(at("second.svg"), "utf8"));
    expect(svg).toContain("Covariance mocks at z = 1.1");
    expect(svg).not.toContain("NaN");
    // every theory line has a path: Vega-Lite drops them silently when scales of panels mix
    expect(svg.match(/roledescription="line mark"[^>]* d="M/g)).toHaveLength(6);
  });

  test("a metric that is missing or out of range fails its gate, or warns when the gate only warns", () => {
    const record = JSON.parse(readFileSync(at("covariance.json"), "utf8")) as EnsembleRecord;
    const limits = {
      definite: { metric: "positiveDefinite", equals: 1 },
      absent: { metric: "noSuchMetric", max: 1 },
      enough: { metric: "realizationsPerBin", min: 5, level: "warn" as const },
    };
    const judgements = judge([record], limits);
    expect(judgements.map(({ gate, level, limit }) => [gate, level, limit])).toEqual([
      ["definite", "PASS", "= 1"],
      ["absent", "FAIL", "<= 1"],
      ["enough", "WARN", ">= 5"],
    ]);
    expect(worst(judgements)).toBe("FAIL");
  });
});

describe("nsfr", () => {
  const counted = (targetDensity: number): Promise<Ran> =>
    run(nsfr, {
      params: { redshift: 1.1, boxSize: 250, targetDensity },
      inputs: { catalogs: [element(at("r3.hdf5"), { realization: 3 })] },
      outputs: { numberDensity: at("n_sfr.hdf5") },
    });

  test("gives the threshold that selects the density asked for, in the companion's layout", async () => {
    const { metrics } = await counted(2e-4);
    expect(metrics.roundTripDeviation).toBeLessThan(0.02);
    (await hdf5).open(at("n_sfr.hdf5"), (file) => {
      const rate = file.numbers("logsfr_corr");
      const density = file.numbers("n_cumulative");
      expect([rate.length, rate[0], rate[599]]).toEqual([600, -4, 3]);
      expect(density[0]! / 0.6736 ** 3 / 6.29e-4).toBeCloseTo(1, 1);
      expect(density.every((value, i) => i === 0 || value <= density[i - 1]!)).toBe(true);
      expect(file.attribute("/", "calibration")).toBe("none");
      expect(file.attribute("/", "v_ensemble_mpc3")).toBeCloseTo((250 / 0.6736) ** 3, 0);
    });
  });

  test("a density beyond the sample's gives no threshold, and the gate fails", async () => {
    const { metrics } = await counted(1);
    expect(metrics.thresholdLogSfr).toBeNaN();
    expect(metrics.roundTripDeviation).toBeGreaterThan(gates.nsfr.roundTrip.max);
  });
});
