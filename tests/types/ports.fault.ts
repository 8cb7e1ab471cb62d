// Misspelt inputs, outputs, parameters, options, units.
import { axis, command, defineCampaign, defineStage, hdf5, inputFile, json, task, variable, type FanInElement, type JobContext } from "cmc";

const redshift = axis.list("redshift", [1.4, 2]);
async function nothing() {}
async function populate(ctx: JobContext<{ lgmpMin: number }, { halos: string }, "catalog">) {
  ctx.metric("m", ctx.params.lgmpMin);
}
async function gather(ctx: JobContext<Readonly<Record<string, never>>, { mocks: readonly FanInElement[] }>) {
  // @fault compile/unknown-input: mock is no input of the stage
  ctx.log(ctx.inputs.mock);
}

export const mock = defineStage(
  { name: "mock", matrix: [redshift] },
  {
    inputs: {
      halos: inputFile(({ redshift }) => `h${redshift}`),
      // @fault compile/unknown-option: compare has no option release
      mask: inputFile(() => "m", { compare: { release: "DR2" } }),
    },
    outputs: { catalog: hdf5(({ redshift }) => `c${redshift}`) },
  },
  {
    // @fault compile/type: lgmpMin: Type 'string' is not assignable to type 'number'
    run: task(populate, { params: { lgmpMin: "12" } }),
    // @fault compile/bad-unit: walltime is "10 minuts", which is not a duration
    // @fault compile/bad-unit: memory is "128 Gb", which is not a size
    resources: { walltime: "10 minuts", memory: "128 Gb" },
    // @fault compile/type: digest: Type '"latest"' is not assignable to type '`sha256:${string}`'
    environment: { container: { image: "survey", digest: "latest" }, release: 3 },
  },
);

export const inline = defineStage(
  { name: "inline", matrix: [redshift] },
  { inputs: { catalog: mock.outputs.catalog.each() }, outputs: { o: json(({ redshift }) => `i${redshift}`) } },
  {
    run: task((ctx) => {
      // @fault compile/unknown-output: out is no output of the stage
      // @fault compile/unknown-input: catalogue is no input of the stage
      ctx.writeText(ctx.outputs.out, ctx.inputs.catalogue);
    }),
    // @fault compile/unknown-option: defineStage(...) has no option retries
    retries: 3,
  },
);

export const shell = defineStage(
  { name: "shell", matrix: [redshift] },
  // @fault compile/unknown-output: catalogue is no output of stage mock
  { inputs: { c: mock.outputs.catalogue.each() }, outputs: { o: json(({ redshift }) => `s${redshift}`) } },
  { run: task(nothing) },
);

export const words = defineStage(
  { name: "words", matrix: [redshift] },
  { inputs: { c: mock.outputs.catalog.each() }, outputs: { o: json(({ redshift }) => `w${redshift}`) } },
  // @fault compile/unknown-output: x is no output of the stage
  // @fault compile/unknown-input: zz is no input of the stage
  { run: command(({ outputs, inputs }) => ["cat", outputs.x, inputs.zz]) },
);

export const unfed = defineStage(
  { name: "unfed" },
  { outputs: { o: json(() => "u") } },
  // @fault compile/unknown-input: the task needs input mocks, which the stage does not give it
  { run: task(gather) },
);

export const unset = defineStage(
  { name: "unset" },
  { inputs: { halos: inputFile(() => "h") }, outputs: { catalog: json(() => "v") } },
  // @fault compile/type: the task needs parameter lgmpMin, which the stage does not give it
  { run: task(populate) },
);

// @fault compile/type: the default slow is none of the choices
export const mode = variable("mode", { choices: ["fast", "full"], default: "slow" });

// @fault compile/impure: process is not available in a campaign
const base = process.env.SCRATCH;

export default defineCampaign({
  name: "faults",
  version: "v1.0",
  stages: [mock, inline, shell, words, unfed, unset],
  // @fault compile/unknown-option: outputs has no option compresion
  outputs: { base, compresion: "gzip" },
  // @fault compile/type: jobType is "cpu", which is not allowed
  // @fault compile/bad-unit: walltime is "1 hour", which is not a duration
  execution: { jobType: "cpu", resources: { walltime: "1 hour" }, retry: { attempts: 3, backoff: { initial: "1m" } } },
});
