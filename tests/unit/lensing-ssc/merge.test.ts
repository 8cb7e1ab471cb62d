// merge(box, zs) on stand-in files: what it writes, what it measures, and what it refuses with which words.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Standin, standinName, standinValues, writeStandin } from "../../../campaigns/lensing-ssc/standin.ts";
import { merge, type MergeParams } from "../../../campaigns/lensing-ssc/tasks/merge.ts";
import { loadHdf5 } from "../../../src/validators/hdf5/entry.ts";
import { run } from "./job.ts";

const folder = mkdtempSync(join(tmpdir(), "lensing-merge-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STANDIN: Standin = { zs: 1.5, rows: 20, ngals: [0, 7, 30], smoothings: [2], superSample: 0 };
const CL = "power_spectra/ngal_0/cl";
const PDF = "smoothed_statistics/ngal_7/sl_2/pdf";
const V0 = "smoothed_statistics/ngal_0/sl_2/minkowski/v0";
const hdf5 = await loadHdf5();
let folders = 0;

interface Spoiled {
  readonly seed?: number;
  readonly standin?: Partial<Standin>;
  readonly name?: string;
  readonly change?: (values: Map<string, Float32Array>) => void;
}

/** Writes seeds 100 and 102 and, when given, a third file; returns the paths in that order. */
function files(third?: Spoiled): string[] {
  const here = join(folder, String(folders++));
  const write = (seed: number, spoiled: Spoiled = {}): string => {
    const path = join(here, spoiled.name ?? standinName(STANDIN.zs, seed));
    writeStandin(hdf5, path, { ...STANDIN, ...spoiled.standin }, spoiled.seed ?? seed, spoiled.change);
    return path;
  };
  mkdirSync(here);
  return [write(100), write(102), ...(third === undefined ? [] : [write(104, third)])];
}

function mergeFiles(stats: readonly string[], params: MergeParams = {}) {
  const merged = join(folder, `merged${folders++}.h5`);
  const job = { point: { box: "tiled", zs: 1.5 }, params, inputs: { stats }, outputs: { merged } };
  return run(merge, job).then((ran) => ({ ...ran, merged }));
}

describe("merge stacks", () => {
  test("every statistic of every seed, by ascending seed, bit for bit", async () => {
    const { error, merged, log } = await mergeFiles(files());
    expect(error).toBeUndefined();
    expect(log).toEqual(["tiled, zs 1.5: 2 seeds x 20 patches, 36 statistics"]);
    hdf5.open(merged, (file) => {
      expect([file.attribute("/", "box"), file.attribute("/", "zs")]).toEqual(["tiled", 1.5]);
      expect([...file.numbers("seeds")]).toEqual([100, 102]);
      expect(file.info(CL)).toEqual({ shape: [2, 20, 8], dtype: "f4" });
      expect(file.info("smoothed_statistics/ngal_0/sl_2/sigma/0").shape).toEqual([2, 20]);
      for (const path of [CL, PDF, V0]) {
        const expected = [100, 102].flatMap((seed) => [...standinValues(STANDIN, seed).get(path)!]);
        expect([...file.numbers(path)]).toEqual(expected);
      }
      expect(file.attribute("metadata/parameters", "epsilon")).toBe(0.26);
      expect([...file.numbers("metadata/parameters/ngal_list")]).toEqual([0, 7, 30]);
    });
  });

  test("the order in which the files are listed does not matter: equal bytes", async () => {
    const paths = files();
    const [one, other] = [await mergeFiles(paths), await mergeFiles([...paths].reverse())];
    expect(readFileSync(one.merged).equals(readFileSync(other.merged))).toBe(true);
  });

  test("a good set has good numbers", async () => {
    const ran = await mergeFiles(files({}), { seeds: [100, 102, 104] });
    const zero = ["duplicateSeeds", "missingSeeds", "missingStatistics", "metadataDifferences", "identicalSeeds"];
    for (const name of [...zero, "nonFiniteRows", "zeroRows", "v0Violations"]) expect(ran.metric(name).value).toBe(0);
    expect(ran.metric("seeds")).toEqual({ value: 3, detail: [100, 102, 104] });
    expect(ran.metric("rowsPerSeed").value).toBe(20);
    expect(ran.metric("smallestCl").value).toBeGreaterThan(1e-5);
    expect(ran.metric("normalisationError").value).toBeLessThan(1e-6);
    expect(ran.metric("noiseLevelError").value).toBeLessThan(0.05);
    expect(ran.metric("distinctNoiseFraction").value).toBe(1);
  });
});

describe("merge measures", () => {
  test("seeds that were expected and are not there", async () => {
    const ran = await mergeFiles(files(), { seeds: [100, 101, 102, 103] });
    expect(ran.metric("missingSeeds")).toEqual({ value: 2, detail: [101, 103] });
  });

  test("a PDF that does not integrate to 1, a V0 that rises, a negative C_l", async () => {
    const ran = await mergeFiles(
      files({
        change: (values) => {
          values.get(PDF)![0]! += 0.5;
          values.get(V0)!.set([0.5, 0.6], 3 * 8);
          values.get(CL)![9] = -1e-5;
        },
      }),
    );
    expect(ran.error).toBeUndefined();
    expect(ran.metric("normalisationError").value).toBeCloseTo(0.5, 6);
    expect(ran.metric("v0Violations").value).toBe(1);
    expect(ran.metric("smallestCl").value).toBeCloseTo(-1e-5, 12);
  });

  test("noise of the wrong level", async () => {
    const louder = (values: Map<string, Float32Array>) => {
      const [quiet, noisy] = [values.get(CL)!, values.get("power_spectra/ngal_30/cl")!];
      noisy.forEach((value, i) => (noisy[i] = quiet[i]! + 1.6 * (value - quiet[i]!)));
    };
    const ran = await mergeFiles(files({ change: louder }));
    // One of three seeds is 60 % too loud.
    expect(ran.metric("noiseLevelError").value).toBeGreaterThan(0.17);
    expect(ran.metric("noiseLevelError").value).toBeLessThan(0.23);
  });

  test("patches that share a noise map", async () => {
    const ran = await mergeFiles(
      files({
        // Rows 1.. of this seed get the noise of row 0: C(ngal) - C(0) is that of row 0.
        change: (values) => {
          const quiet = values.get(CL)!;
          for (const ngal of [7, 30]) {
            const noisy = values.get(`power_spectra/ngal_${ngal}/cl`)!;
            noisy.forEach((_, i) => (noisy[i] = quiet[i]! + noisy[i % 8]! - quiet[i % 8]!));
          }
        },
      }),
    );
    expect(ran.metric("distinctNoiseFraction")).toEqual({
      value: 41 / 60,
      detail: { patches: 60, distinct: 41, largestShare: 20 },
    });
  });
});

describe("merge refuses", () => {
  test("no file", async () => {
    expect((await mergeFiles([])).error?.message).toBe("merge refused: no statistics file for merge[box=tiled,zs=1.5]");
  });

  test("the same seed twice, naming both files", async () => {
    const [a, b] = files();
    const copy = files()[0]!;
    const { error } = await mergeFiles([a!, b!, copy]);
    expect(error?.message).toBe(`merge refused: the same seed twice: seed 100 in ${a} and ${copy}`);
  });

  test("one file under two names", async () => {
    const { error, metric } = await mergeFiles(files({ seed: 100 }));
    expect(error?.message).toBe("merge refused: seeds with the same content: 100 and 104");
    expect(metric("identicalSeeds").value).toBe(1);
  });

  test("a file of another redshift", async () => {
    const paths = files({ name: standinName(2, 104) });
    const { error } = await mergeFiles(paths);
    expect(error?.message).toBe(`merge refused: not of redshift 1.5: ${paths[2]}`);
  });

  test("a missing group", async () => {
    const paths = files({ change: (values) => void values.delete(PDF) });
    const { error } = await mergeFiles(paths);
    expect(error?.message).toBe(`merge refused: incomplete statistics: ${paths[2]}: ${PDF} is absent`);
  });

  test("metadata that differ, naming the parameter and the file", async () => {
    const paths = files({ standin: { ngals: [0, 7, 50] } });
    const { error } = await mergeFiles(paths);
    expect(error?.message).toBe(
      `merge refused: files measured differently: ngal_list: [0,7,30] against [0,7,50] in ${paths[2]}`,
    );
  });

  test("another number of rows", async () => {
    const paths = files({ standin: { rows: 19 } });
    const { error } = await mergeFiles(paths);
    expect(error?.message).toBe(`merge refused: files measured differently: rows: 20 against 19 in ${paths[2]}`);
  });

  test("a row of zeros, as a failed patch is written", async () => {
    const { error } = await mergeFiles(files({ change: (values) => void values.get(CL)!.fill(0, 3 * 8, 4 * 8) }));
    expect(error?.message).toBe(
      `merge refused: 1 rows are all zero, as failed patches are written; first: row 3 of seed 104, ${CL}`,
    );
  });

  test("a value that is not finite", async () => {
    const { error } = await mergeFiles(files({ change: (values) => void (values.get(PDF)![17] = NaN) }));
    expect(error?.message).toBe(`merge refused: 1 rows are not finite; first: row 2 of seed 104, ${PDF}`);
  });

  test("a file that is something else", async () => {
    const paths = files();
    const other = join(folder, standinName(1.5, 104));
    hdf5.create(other, (file) => file.attribute("/", "box", "tiled", "str"));
    const { error } = await mergeFiles([...paths, other]);
    expect(error?.message).toBe(`${other}: no group metadata/parameters; this is not a LensingSSC statistics file`);
  });
});
