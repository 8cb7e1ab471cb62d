// Written by `cmc import` from survey.yaml over template.yaml over nersc.defaults.yaml; yours to edit.
//
// Stand-in for a production: few boxes, many redshifts.
// Nothing here was ever run.
//
// The end.
//
// Stand-in for a template.
import { axis, command, defineCampaign, defineStage, hdf5, pad, variable } from "cmc";

const repository = variable("repository", {
  type: "path",
  default: ".",
  description: "checkout of covariance-mocks: its scripts make the catalogues",
});
const script = `${repository}/scripts/generate_single_mock.py`;

const realization = axis.range("realization", {
  start: 3000,
  count: 6, // a sixteenth of the ensemble
  // 3002 has no halo catalogue at z = 2.5;
  // 3107 takes its place
  include: [3107],
  exclude: [3002],
});

// 2.0: where the lines leave the band
const redshift = axis.list(
  "redshift",
  [0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 2.0, 2.5],
);

export const mock = defineStage(
  { name: "mock", matrix: [realization, redshift] },
  {
    outputs: {
      catalog: hdf5(
        ({ realization, redshift }) => `catalogs/r${pad(realization, 4)}/mock_z${redshift.toFixed(3)}.hdf5`,
      ),
    },
  },
  {
    run: command(
      ({ point, outputs }) => [
        "srun",
        "-n",
        4, // one MPI rank a task
        "python",
        script,
        "nersc", // the machine
        outputs.catalog,
        "--realization",
        point.realization,
        "--redshift",
        point.redshift,
      ],
      {
        // In every job's file and receipt; the script has no arguments for them.
        params: {
          cosmology: "AbacusSummit",
          magnitude_limit: 25.0, // the survey's own
          area_deg2: 1000.0,
        },
      },
    ),
    // Two nodes would do: 2 x 4 cards
    resources: {
      // 155 boxes: median 142 s, p99 229 s, max 305 s. Ten minutes are twice the tail.
      walltime: "10m", // 0.1667 hours
      tasks: 4, // 2 a node
      cpus: 128, // 32 a task
      memory: "256 GB", // 128.0 GB a node
    },
    // the file system hangs at most twice
    retry: {
      attempts: 4, // 3 after the first
      backoff: {
        // maintenance takes a quarter of an hour
        initial: "15m",
        factor: 2,
      },
    },
    environment: { rgrspit_diffsky: "0.3.1" },
  },
);

export default defineCampaign({
  name: "survey",
  version: "v0.2-beta",
  description: "What the stand-in productions have in common",
  tags: ["stand-in", "lean-output"],
  stages: [mock],
  outputs: {
    base: "/global/cfs/cdirs/m0000/mocks/productions", // the storage account
  },
  execution: { jobType: "gpu_intensive", batchSize: 4 },
});
