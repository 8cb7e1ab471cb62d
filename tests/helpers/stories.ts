// Stories a plan tells, at a realistic size: goldens of the text are made of them.
import type { World as W } from "./world.ts";
import { buildTable, type StageSpec } from "./table.ts";
import { fact, World } from "./world.ts";

const REDSHIFTS = [1.4, 2, 0.5, 1.1];

export const MOCK: StageSpec = {
  name: "mock",
  axes: { redshift: REDSHIFTS, realization: Array.from({ length: 100 }, (_, i) => i) },
  params: ({ realization }) => ({ lgmpMin: 12, seed: Number(realization) + 1000 }),
  outputs: {
    catalog: ({ realization, redshift }) =>
      `catalogs/r${String(realization).padStart(4, "0")}/mock_z${Number(redshift).toFixed(3)}.hdf5`,
  },
  inputs: {
    halos: {
      file: ({ realization, redshift }) => `/global/cfs/halos/ph${realization}/z${Number(redshift).toFixed(3)}.hdf5`,
    },
  },
  entry: "tasks/populate.ts#populate",
  sources: { "tasks/populate.ts": "1a2b3c4d5e6f", "physics/halos.ts": "0011223344556677" },
  resources: { walltime: 600, cpus: 4 },
};
export const CALIBRATE: StageSpec = {
  name: "calibrate",
  axes: { redshift: REDSHIFTS, realization: Array.from({ length: 100 }, (_, i) => i) },
  inputs: { catalog: { each: "mock.catalog" } },
  outputs: { table: ({ realization, redshift }) => `calibrated/r${realization}_z${redshift}.json` },
  argv: ({ redshift }) => ["python", "calibrate.py", "--z", String(redshift), "--cut", "12.0"],
  resources: { walltime: 120 },
};
export const COVARIANCE: StageSpec = {
  name: "covariance",
  axes: { redshift: REDSHIFTS },
  inputs: { mocks: { quorum: "calibrate.table", over: ["realization"], fraction: 0.95 } },
  outputs: { cov: ({ redshift }) => `covariance/z${redshift}.h5` },
  resources: { walltime: 1800, cpus: 8 },
};
const STAGES = [MOCK, CALIBRATE, COVARIANCE];
const CAMPAIGN = { name: "roman-grs", version: "v1.0" };

const table = (stages: readonly StageSpec[] = STAGES) => buildTable(stages, CAMPAIGN);
const mock = (changes: Partial<StageSpec>) => table([{ ...MOCK, ...changes }, CALIBRATE, COVARIANCE]);
const fresh = (): W => new World(table()).provide(3_200_000_000);
const done = (): W => fresh().run().succeedAll();

export const STORIES: Readonly<Record<string, () => World>> = {
  "new-campaign": fresh,
  "no-changes": done,
  "one-seed": () =>
    done().edited(
      mock({
        params: ({ realization, redshift }) => ({
          lgmpMin: 12,
          seed: realization === 17 && redshift === 2 ? 4711 : Number(realization) + 1000,
        }),
      }),
    ),
  "one-parameter-everywhere": () =>
    done().edited(mock({ params: ({ realization }) => ({ lgmpMin: 12.5, seed: Number(realization) + 1000 }) })),
  "helper-changed": () =>
    done().edited(
      mock({ code: "new", sources: { "tasks/populate.ts": "1a2b3c4d5e6f", "physics/halos.ts": "8899aabbccddeeff" } }),
    ),
  "argument-changed": () =>
    done().edited(
      table([
        MOCK,
        { ...CALIBRATE, argv: ({ redshift }) => ["python", "calibrate.py", "--z", String(redshift), "--cut", "12.5"] },
        COVARIANCE,
      ]),
    ),
  "matrix-grew": () =>
    done()
      .edited(
        table(
          [MOCK, CALIBRATE, COVARIANCE].map((s) =>
            s.axes!["realization"]
              ? { ...s, axes: { ...s.axes, realization: Array.from({ length: 120 }, (_, i) => i) } }
              : s,
          ),
        ),
      )
      .provide(3_200_000_000),
  "outputs-lost": () => {
    const world = done();
    for (const r of [3, 4, 5, 6, 40]) world.outputs.delete(`catalogs/r${String(r).padStart(4, "0")}/mock_z0.500.hdf5`);
    const cut = "catalogs/r0007/mock_z2.000.hdf5";
    world.outputs.set(cut, { ...world.outputs.get(cut)!, size: 96 });
    return world;
  },
  failures: () => {
    const world = fresh().run();
    for (let row = 0; row < 400; row++) if (row % 50 !== 3) world.succeed(row, 229);
    world.fail(3, "oom", "killed: 131 GB resident, limit 128 GB");
    world.fail(53, "timeout", "ran longer than 10 min");
    for (let i = 0; i < 3; i++) world.fail(103, "exit", "exit code 1: Traceback: KeyError 'halo_id'");
    world.fail(153, "validation", "catalog: hdf5/finite: 41 of 1,000,000 values of galaxies/pos are not finite");
    world.start(203);
    world.fail(253, "cancelled", "the user stopped the run");
    return world;
  },
  "missing-inputs": () => {
    const world = new World(mock({ missingInput: { policy: "group", by: ["realization"] } })).provide(3_200_000_000);
    for (const r of [19, 20, 77]) world.inputs.delete(`/global/cfs/halos/ph${r}/z1.100.hdf5`);
    return world;
  },
  mixed: () => {
    const world = done();
    world.outputs.delete("catalogs/r0009/mock_z1.400.hdf5");
    world.inputs.delete("/global/cfs/halos/ph99/z0.500.hdf5");
    const after = world.edited(
      table([
        {
          ...MOCK,
          axes: { redshift: REDSHIFTS, realization: Array.from({ length: 102 }, (_, i) => i).filter((i) => i !== 50) },
          params: ({ realization, redshift }) => ({
            lgmpMin: redshift === 1.1 ? 12.25 : 12,
            seed: Number(realization) + 1000,
          }),
        },
        {
          ...CALIBRATE,
          axes: { redshift: REDSHIFTS, realization: Array.from({ length: 102 }, (_, i) => i).filter((i) => i !== 50) },
        },
        COVARIANCE,
      ]),
    );
    after.inputs.set("/global/cfs/halos/ph100/z1.400.hdf5", fact("/global/cfs/halos/ph100/z1.400.hdf5"));
    after.outputs.set("catalogs/r0100/mock_z1.400.hdf5", fact("catalogs/r0100/mock_z1.400.hdf5"));
    after.run().fail("mock[realization=9,redshift=1.4]", "oom", "killed: 131 GB resident, limit 128 GB");
    return after;
  },
};
