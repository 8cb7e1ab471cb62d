// Roman galaxy redshift survey: mock catalogues to the covariance of the power spectrum multipoles, with a verdict against the
// analytic Gaussian covariance. Presets: `demo` (a minute on a laptop), `check` (percent level), `production` (2,000 x 20 boxes).
import { axis, defineCampaign, defineStage, echo, file, hdf5, json, pad, seedFrom, task, variable } from "cmc";
import { gates } from "./gates.ts";
import { covariance } from "./tasks/covariance.ts";
import { measure } from "./tasks/measure.ts";
import { nsfr } from "./tasks/nsfr.ts";
import { pack } from "./tasks/pack.ts";
import { populate } from "./tasks/populate.ts";
import { report } from "./tasks/report.ts";

const preset = variable("preset", {
  choices: ["demo", "check", "production"],
  default: "demo",
  description: "demo: 40 boxes at one redshift; check: 500, spectra only; production: 2,000 x 20",
});

/** Boxes of 500 Mpc/h on 64^3 cells; halos above 10^12.4 Msun/h; twelve shells of one fundamental mode. */
const box = { boxSize: 500, gridSize: 64, logMassMin: 12.4 };
const mesh = { meshSize: 64, shells: 12 };

const REDSHIFTS = {
  demo: [1.1],
  check: [1.1],
  production: [1.1, 1.4, 0.8, 2.0, 0.5, 1.7, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.9, 1.0, 1.2, 1.3, 1.5, 1.6, 2.5, 3.0],
};
const PACKED = 25;

/** Order is priority: complete ensembles first, the redshift the survey needs most before the others. */
const redshift = axis.list("redshift", REDSHIFTS[preset]);
const realization = axis.range("realization", { count: preset === "production" ? 2000 : 40 });
const ensemble = axis.range("ensemble", { count: 20 });

/** Of the realisation only: all redshifts of a realisation share their phases. */
const seedOf = (number: number) => seedFrom("roman-grs", number);

const name = (z: number) => z.toFixed(3);
const packing = preset === "production" ? { batchSize: 500 } : { batchSize: 20 };

export const mocks = defineStage(
  {
    name: "populate",
    matrix: [redshift, realization],
    when: preset !== "check",
    description: "Zel'dovich box, halos, galaxies",
  },
  {
    outputs: {
      catalog: hdf5(({ realization, redshift }) => `catalogs/r${pad(realization, 4)}/mock_z${name(redshift)}.hdf5`, {
        datasets: {
          "galaxies/pos": { dtype: "f4", shape: ["galaxies", 3], finite: true, range: { min: 0, max: 500 } },
          "galaxies/vel": { dtype: "f4", shape: ["galaxies", 3], finite: true, range: { min: -5000, max: 5000 } },
          "galaxies/logmp_t_obs": { dtype: "f4", shape: ["galaxies"], finite: true },
          "galaxies/logsm_t_obs": { dtype: "f4", shape: ["galaxies"], finite: true },
          "galaxies/logssfr_t_obs": { dtype: "f4", shape: ["galaxies"], finite: true },
          "galaxies/upid": { dtype: "i8", shape: ["galaxies"], range: { min: -1 } },
          "galaxies/t_table": { dtype: "f4", shape: [50] },
          "galaxies/t0": { dtype: "f4", shape: [] },
          "galaxies/t_obs": { dtype: "f4", shape: [] },
          "galaxies/z_obs": { dtype: "f8", shape: [] },
          "halos/logmhost": { dtype: "f4", shape: ["halos"], range: { min: 12.3999 } },
          "halos/radius": { dtype: "f4", shape: ["halos"], finite: true },
          "halos/pos": { dtype: "f4", shape: ["halos", 3], finite: true, range: { min: 0, max: 500 } },
          "halos/vel": { dtype: "f4", shape: ["halos", 3], finite: true },
        },
        attributes: {
          z_obs: echo("redshift"),
          lgmp_min: echo("params.logMassMin"),
          Lbox: echo("params.boxSize"),
          phase: true,
          n_galaxies: true,
          n_halos: true,
        },
        exact: true,
        size: { min: "100 kB", max: "100 MB" },
      }),
    },
  },
  {
    run: task(populate, {
      params: ({ realization, redshift }) => ({ realization, redshift, seed: seedOf(realization), ...box }),
    }),
    resources: { jobType: "cpu_intensive", walltime: "10m", memory: "500 MB", cpus: 1 },
    retry: { attempts: 3, backoff: { initial: "5s", factor: 2, max: "1m" }, escalate: { oom: { memory: 2 } } },
    gates: gates.populate,
    ...packing,
  },
);

export const spectra = defineStage(
  {
    name: "measure",
    matrix: [redshift, realization],
    when: preset !== "check",
    description: "P0 and P2 of one catalogue",
  },
  {
    inputs: { catalog: mocks.outputs.catalog.each() },
    outputs: {
      spectra: hdf5(({ realization, redshift }) => `spectra/z${name(redshift)}/r${pad(realization, 4)}.hdf5`, {
        datasets: { realization: { dtype: "i8" } },
        attributes: { z_obs: echo("redshift"), Lbox: echo("params.boxSize") },
      }),
    },
  },
  {
    run: task(measure, {
      params: ({ realization, redshift }) => ({ realization, redshift, ...box, ...mesh }),
    }),
    resources: { jobType: "cpu_intensive", walltime: "10m", memory: "500 MB", cpus: 1 },
    gates: gates.measure,
    ...packing,
  },
);

export const density = defineStage(
  {
    name: "nsfr",
    matrix: [redshift],
    when: preset !== "check",
    description: "Cumulative number density in star formation rate",
  },
  {
    inputs: { catalogs: mocks.outputs.catalog.all("realization") },
    outputs: {
      numberDensity: hdf5(({ redshift }) => `calibration/n_sfr_corr_z${name(redshift)}.hdf5`, {
        datasets: { logsfr_corr: { shape: ["n"], finite: true }, n_cumulative: { shape: ["n"], finite: true } },
        attributes: { redshift: echo("redshift"), v_ensemble_mpc3: true, n_realizations: true, units: true },
      }),
    },
  },
  {
    run: task(nsfr, { params: ({ redshift }) => ({ redshift, boxSize: box.boxSize, targetDensity: 2e-5 }) }),
    resources: { jobType: "io_intensive", walltime: "1h", memory: "1 GB", cpus: 1 },
    gates: gates.nsfr,
  },
);

/** The check preset keeps no catalogues: 25 realisations a job, spectra only. */
export const packs = defineStage(
  {
    name: "pack",
    matrix: [redshift, ensemble],
    when: preset === "check",
    description: "25 boxes in one job, spectra only",
  },
  {
    outputs: {
      spectra: hdf5(({ ensemble, redshift }) => `spectra/z${name(redshift)}/pack${pad(ensemble, 3)}.hdf5`, {
        datasets: { realization: { dtype: "i8", shape: [PACKED] } },
        attributes: { z_obs: echo("redshift"), Lbox: echo("params.boxSize") },
      }),
    },
  },
  {
    run: task(pack, {
      params: ({ ensemble, redshift }) => {
        const realizations = Array.from({ length: PACKED }, (_, i) => ensemble * PACKED + i);
        return { realizations, seeds: realizations.map(seedOf), redshift, ...box, ...mesh };
      },
    }),
    resources: { jobType: "cpu_intensive", walltime: "30m", memory: "500 MB", cpus: 1 },
    gates: gates.pack,
  },
);

const kept = preset === "check" ? packs.outputs.spectra.all("ensemble") : spectra.outputs.spectra.all("realization");

export const covariances = defineStage(
  { name: "covariance", matrix: [redshift], description: "Mean, covariance, Hartlap inverse, variance ratio" },
  {
    inputs: { spectra: kept },
    outputs: {
      covariance: hdf5(({ redshift }) => `covariances/z${name(redshift)}.hdf5`, {
        attributes: { z_obs: echo("redshift"), n_realizations: true, units: true },
      }),
      record: json(({ redshift }) => `covariances/z${name(redshift)}.json`),
    },
  },
  {
    run: task(covariance, { params: { kMax: 0.105, kGaussian: 0.06, kWide: 0.08, kExcess: 0.1 } }),
    resources: { jobType: "memory_intensive", walltime: "1h", memory: "1 GB", cpus: 1 },
    gates: gates.covariance,
  },
);

export const verdict = defineStage(
  { name: "report", description: "Verdict and figure over all redshifts" },
  {
    inputs: { records: covariances.outputs.record.all("redshift") },
    outputs: {
      verdict: file(() => "qa/verdict.txt", { size: { min: "100 B" } }),
      figure: file(() => "qa/summary_plots/covariance.svg", { size: { min: "1 kB" } }),
    },
  },
  {
    run: task(report, { params: { gates: gates.covariance, kGaussian: 0.06 } }),
    resources: { walltime: "10m", memory: "1 GB", cpus: 1 },
    gates: gates.report,
  },
);

export default defineCampaign({
  name: "roman-grs",
  version: preset === "production" ? "v1.0" : `v1.0-${preset}`,
  description: "Covariance of galaxy power spectrum multipoles from Zel'dovich mocks",
  tags: ["covariance", "galaxy-clustering", "mocks"],
  stages: [mocks, spectra, density, packs, covariances, verdict],
  outputs: { base: "../../runs" },
  execution: { batchSize: 20, jobType: "cpu_intensive" },
  report: { text: [verdict.outputs.verdict], figures: [verdict.outputs.figure] },
});
