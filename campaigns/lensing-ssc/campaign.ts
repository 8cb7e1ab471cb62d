// LensingSSC: does a 3750 Mpc/h box show more variance in weak-lensing statistics than tiled 625 Mpc/h boxes? From the published
// statistics files (arXiv:2511.20423) to variance and mean ratios per source redshift and bin. The folder says which seeds exist.
import { axis, defineCampaign, defineStage, file, hdf5, inputFiles, json, listing, task, variable } from "cmc";
import { merge } from "./tasks/merge.ts";
import { ratio } from "./tasks/ratio.ts";
import { report } from "./tasks/report.ts";

const input = variable("input", { type: "path", description: "folder with bigbox/stats and tiled/stats" });
const stats = listing("stats", { root: input, pattern: "{box}/stats/stats_zs{zs:number}_s{seed:int}_oa10.h5" });

const box = axis.list("box", ["bigbox", "tiled"]);
/** Source redshifts, as found. */
const zs = stats.axis("zs");

/** Seeds of a box at any redshift: a seed that lacks one of them is a hole in the matrix. */
const seedsOf = (name: string) =>
  [...new Set(stats.entries.filter((entry) => entry.box === name).map((entry) => entry.seed))].sort((a, b) => a - b);

export const merged = defineStage(
  {
    name: "merge",
    matrix: [box, zs],
    description: "Stack the statistics of all seeds: [seed, patch, bin] per statistic",
  },
  {
    inputs: { stats: inputFiles((point) => stats.paths(point)) },
    outputs: {
      merged: hdf5(({ box, zs }) => `merged/${box}_zs${zs.toFixed(1)}.h5`, {
        datasets: {
          "power_spectra/ngal_0/cl": { dtype: "f4", shape: ["seeds", "rows", 8], finite: true, range: { min: 0 } },
          seeds: { shape: ["seeds"] },
        },
        attributes: { box: true, zs: true },
      }),
    },
  },
  {
    run: task(merge, { params: ({ box }) => ({ seeds: seedsOf(box) }) }),
    resources: { walltime: "10m", memory: "1 GB", cpus: 1 },
    gates: {
      "no seed twice": { metric: "duplicateSeeds", equals: 0 },
      "no seed missing": { metric: "missingSeeds", equals: 0, description: "seeds x redshifts is a full matrix" },
      "no copied seed": { metric: "identicalSeeds", equals: 0 },
      "every statistic": { metric: "missingStatistics", equals: 0 },
      "one binning": { metric: "metadataDifferences", equals: 0, description: "bins, l_edges, epsilon ... agree" },
      "all patches": {
        metric: "rowsPerSeed",
        equals: 265,
        description: "273-point Fibonacci lattice without the poles",
      },
      finite: { metric: "nonFiniteRows", equals: 0 },
      "no failed patch": { metric: "zeroRows", equals: 0, description: "failed patches were stored as zeros" },
      "V0 falls from 1 to 0": { metric: "v0Violations", equals: 0 },
      "C_l above zero": { metric: "smallestCl", min: 1e-12 },
      normalised: { metric: "normalisationError", max: 1e-6, description: "sum of pdf, peaks, minima times dnu is 1" },
      "shape noise level": { metric: "noiseLevelError", max: 0.05, level: "warn" },
      "independent shape noise": { metric: "distinctNoiseFraction", min: 1, level: "warn" },
    },
  },
);

export const ratios = defineStage(
  { name: "ratio", matrix: [zs], description: "Covariances, and variance and mean ratios bigbox / tiled per bin" },
  {
    inputs: { merged: merged.outputs.merged.all("box") },
    outputs: {
      ratio: json(({ zs }) => `ratios/zs${zs.toFixed(1)}.json`),
      covariance: hdf5(({ zs }) => `covariances/zs${zs.toFixed(1)}.h5`, { attributes: { zs: true } }),
    },
  },
  {
    run: task(ratio, {
      params: {
        numerator: "bigbox",
        denominator: "tiled",
        systematic: { sigma: 10, seedFraction: 0.5 },
        bootstrap: { resamples: 1000, seed: 20251120 },
        patches: { gridPoints: 273, openingDeg: 10, rmpGridPoints: 265 },
      },
    }),
    resources: { walltime: "10m", memory: "1 GB", cpus: 1 },
    gates: {
      "systematic patch": {
        metric: "systematicRows",
        max: 0,
        level: "warn",
        description: "the same patch beyond 10 robust sigma in more than half of the seeds; it is excluded",
      },
      "few patches excluded": { metric: "systematicRowsFraction", max: 0.02 },
      "none left in": { metric: "systematicRowsRemaining", equals: 0 },
      "covariance semi-definite": { metric: "covarianceSmallestEigenvalue", min: -1e-9 },
      "covariance symmetric": { metric: "covarianceAsymmetry", max: 1e-12 },
      "n > p + 2": { metric: "covarianceSampleMargin", min: 1 },
      "means agree": { metric: "clMeanRatioError", max: 0.01, description: "C_l means within 1 %" },
      "variance ratio floor": { metric: "clVarianceRatioMin", min: 0.9 },
      "variance ratio ceiling": { metric: "clVarianceRatioMax", max: 1.4 },
    },
  },
);

export const verdict = defineStage(
  { name: "report", description: "Verdict, numbers and figure over all redshifts" },
  {
    inputs: { ratios: ratios.outputs.ratio.all("zs") },
    outputs: {
      verdict: file(() => "qa/verdict.txt", { size: { min: "100 B" } }),
      summary: json(() => "qa/summary.json"),
      figure: file(() => "qa/summary_plots/ratios.svg", { size: { min: "1 kB" } }),
    },
  },
  {
    run: task(report, {
      params: {
        thresholds: { clMeanRatio: 0.01, clVarianceRatio: [0.9, 1.4], noiseLevel: 0.05, trendSigma: 2 },
      },
    }),
    resources: { walltime: "10m", memory: "1 GB", cpus: 1 },
    gates: {
      "all checks": { metric: "failedChecks", equals: 0 },
      "same seeds at every redshift": { metric: "seedMismatches", equals: 0 },
      "C_l and sigma rise with redshift": { metric: "orderingViolations", equals: 0 },
      "nothing excluded": { metric: "systematicPatches", max: 0, level: "warn" },
      "variance rises with redshift": { metric: "varianceTrendSigma", min: -2, level: "warn" },
    },
  },
);

export default defineCampaign({
  name: "lensing-ssc",
  version: "v1.0",
  description: "Super-sample covariance of weak-lensing statistics: bigbox against tiled simulations",
  tags: ["weak-lensing", "super-sample-covariance"],
  stages: [merged, ratios, verdict],
  outputs: { base: "../../runs" },
  report: { text: [verdict.outputs.verdict], figures: [verdict.outputs.figure] },
});
