// Misspelt and missing axes.
import { axis, command, defineStage, echo, hdf5, inputFile, json, listing, product, task, type JobContext } from "cmc";

const realization = axis.range("realization", { count: 3 });
const redshift = axis.list("redshift", [1.4, 2]);
const box = axis.list("box", ["bigbox", "tiled"]);
async function nothing() {}

export const mock = defineStage(
  { name: "mock", matrix: [redshift, realization] },
  {
    inputs: {
      // @fault compile/unknown-axis: realizaton is no axis of the stage
      halos: inputFile(({ realizaton }) => `${realizaton}`),
      // @fault compile/unknown-axis: redshft is no axis of the stage
      seeds: inputFile((point) => `${point.redshft}`),
      // @fault compile/unknown-axis: redshft is no axis of the stage
      dated: inputFile(() => "dated", { compare: { version: ({ redshft }) => redshft } }),
    },
    outputs: {
      catalog: hdf5(({ realization, redshift }) => `${realization}${redshift}`, {
        // @fault compile/unknown-axis: redshft is no axis of the stage, so it cannot be echoed
        attributes: { z: echo("redshft"), ok: echo("redshift"), param: echo("params.x") },
      }),
    },
  },
  {
    run: task(nothing),
    // @fault compile/unknown-axis: redshfit is no axis of the stage
    resources: ({ redshfit }) => ({ walltime: "1m" }),
    // @fault compile/unknown-axis: realisation is no axis of the stage
    missingInput: { policy: "group", by: "realisation" },
  },
);

export const one = defineStage(
  { name: "one", matrix: [redshift] },
  {
    inputs: {
      // @fault compile/unknown-axis: input each comes from a stage that varies with realization, which this stage does not
      each: mock.outputs.catalog.each(),
      all: mock.outputs.catalog.all("realization"),
    },
    outputs: { o: json(({ redshift }) => `${redshift}`) },
  },
  { run: task(nothing) },
);

export const two = defineStage(
  { name: "two", matrix: [redshift] },
  {
    // @fault compile/unknown-axis: realisation is no axis of the upstream stage
    inputs: { all: mock.outputs.catalog.all("realisation") },
    outputs: { o: json(({ redshift }) => `${redshift}`) },
  },
  // @fault compile/unknown-axis: realization is no axis of the stage
  { run: command(({ point }) => ["echo", point.realization]) },
);

async function needsBox(ctx: JobContext<Readonly<Record<string, never>>, object, "o", { box: string }>) {
  // @fault compile/unknown-axis: bax is no axis of the stage
  ctx.log(ctx.point.bax);
}
export const three = defineStage(
  { name: "three", matrix: [redshift] },
  { outputs: { o: json(({ redshift }) => `${redshift}`) } },
  // @fault compile/unknown-axis: the task needs axis box, which the stage does not give it
  { run: task(needsBox) },
);

// @fault compile/unknown-axis: bix is no axis of the stage
export const filtered = product(box, redshift).where(({ bix }) => bix === "tiled");

const files = listing("files", { root: "in", pattern: "{box}/z{zs:number}.h5" });
// @fault compile/unknown-axis: seed is no field of the listing's pattern
export const seed = files.axis("seed");
