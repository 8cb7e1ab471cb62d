import {
  axis,
  command,
  defineCampaign,
  defineStage,
  echo,
  hdf5,
  inputFile,
  inputFiles,
  json,
  listing,
  lockFile,
  pad,
  task,
  variable,
  type JobContext,
  type FanInElement,
} from "cmc";
const realization = axis.range("realization", { count: 3, exclude: [1] });
const redshift = axis.list("redshift", [1.4, 2.0]);
const box = axis.list("box", ["bigbox", "tiled"]);
async function populate(
  ctx: JobContext<{ lgmpMin: number }, { halos: string }, "catalog", { realization: number; redshift: number }>,
) {
  ctx.metric("a", ctx.params.lgmpMin);
}
async function cov(ctx: JobContext<Readonly<Record<string, never>>, { mocks: readonly FanInElement[] }, "cov">) {
  ctx.log(ctx.inputs.mocks[0]!.path);
}
export const mock = defineStage(
  { name: "mock", matrix: [redshift, realization] },
  {
    inputs: { halos: inputFile(({ realization, redshift }) => `halos/ph${realization}/z${redshift.toFixed(3)}.hdf5`) },
    outputs: {
      catalog: hdf5(
        ({ realization, redshift }) => `catalogs/r${pad(realization, 4)}/mock_z${redshift.toFixed(3)}.hdf5`,
        {
          attributes: { z_obs: echo("redshift"), lg: echo("params.lgmpMin") },
          datasets: { "galaxies/pos": { dtype: "f4", shape: ["n", 3], finite: true } },
          size: { min: "10 kB" },
          digest: true,
        },
      ),
    },
  },
  {
    run: task(populate, { params: { lgmpMin: 12 } }),
    environment: {
      node: "20.11",
      modules: ["hdf5/1.12"],
      container: { image: "survey:2", digest: "sha256:0123" },
      conda: lockFile("conda-lock.yml"),
      tables: { release: 3, files: [lockFile("a.lock")] },
    },
    resources: ({ redshift }) => ({ walltime: redshift > 1 ? "10m" : "5m", memory: "128 GB" }),
    retry: { attempts: 3, backoff: { initial: "5m" } },
    missingInput: { policy: "group", by: "realization" },
  },
);
export const covariance = defineStage(
  { name: "covariance", matrix: [redshift] },
  {
    inputs: { mocks: mock.outputs.catalog.all("realization") },
    outputs: { cov: json(({ redshift }) => `cov/z${redshift}.json`) },
  },
  { run: task(cov), gates: { g: { metric: "x", max: 3 } } },
);
export const inline = defineStage(
  { name: "inline", matrix: [redshift] },
  {
    inputs: { c: covariance.outputs.cov.each() },
    outputs: { out: json(({ redshift }) => `x/${redshift}`) },
  },
  {
    run: task((ctx) => {
      ctx.writeText(ctx.outputs.out, ctx.inputs.c + ctx.point.redshift);
    }),
  },
);
export const cmd = defineStage(
  { name: "cmd", matrix: [box, redshift] },
  {
    inputs: { c: covariance.outputs.cov.each(), m: mock.outputs.catalog.quorum(0.9, "realization") },
    outputs: { out: json(({ redshift, box }) => `x/${redshift}${box}`) },
  },
  {
    run: command(({ point, inputs, outputs }) => [
      "python",
      "x.py",
      `--out=${outputs.out}`,
      inputs.c,
      inputs.m.each,
      inputs.m.list,
      point.box,
      point.redshift,
    ]),
  },
);
const files = listing("stats", {
  root: variable("input", { type: "path" }),
  pattern: "{box}/stats/stats_zs{zs:number}_s{seed:int}_oa10.h5",
});
const zs = files.axis("zs");
export const merge = defineStage(
  { name: "merge", matrix: [files.axis("box"), zs] },
  {
    inputs: {
      stats: inputFiles(({ box, zs }) => files.paths({ box, zs }), { compare: { version: ({ box }) => `${box}-DR2` } }),
      mask: inputFile(() => "mask.fits", { compare: { version: "DR1" }, optional: true }),
    },
    outputs: { m: hdf5(({ box, zs }) => `m/${box}_${zs}`) },
  },
  {
    run: task(async (ctx) => {
      for (const p of ctx.inputs.stats) ctx.log(p);
    }),
  },
);
export const final = defineStage(
  { name: "final" },
  { inputs: { c: covariance.outputs.cov.all("redshift") }, outputs: { out: json(() => "report.json") } },
  { run: task((ctx) => ctx.writeText(ctx.outputs.out, String(ctx.inputs.c.length))) },
);
export default defineCampaign({
  name: "x",
  version: "v1",
  stages: [mock, covariance, inline, cmd, merge, final],
  outputs: { base: "runs", digests: true },
  ramp: { steps: [1, 10, "all"], failureRate: 0.05 },
  execution: {
    jobType: "balanced",
    resources: { walltime: "1h", memory: "2 GB" },
    retry: { attempts: 3, escalate: { oom: { memory: 2 } } },
  },
  report: { text: [final.outputs.out] },
});
