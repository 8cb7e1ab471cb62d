import { axis, command, defineCampaign, defineStage, echo, hdf5, inputFile, json, task, type JobContext, type FanInElement } from "cmc";
const realization = axis.range("realization", { count: 3 });
const redshift = axis.list("redshift", [1.4, 2.0]);
declare function populate(ctx: JobContext<{ lgmpMin: number }, { halos: string }, "catalog", { realization: number; redshift: number }>): void;
const mock = defineStage({ name: "mock", matrix: [redshift, realization] }, {
  inputs: { halos: inputFile(({ realizaton }) => `${realizaton}`) },
  outputs: { catalog: hdf5(({ realization, redshift }) => `${realization}${redshift}`, { attributes: { z: echo("redshft") } }) },
}, { run: task(populate, { params: { lgmpMin: "12" } }), resources: { walltime: "10 minuts" } });
const a = defineStage({ name: "a", matrix: [redshift] }, { inputs: { m: mock.outputs.catalog.each() }, outputs: { o: json(() => "x") } }, { run: task((ctx) => ctx.writeText(ctx.outputs.p, ctx.inputs.q)) });
const b = defineStage({ name: "b", matrix: [redshift] }, { inputs: { m: mock.outputs.catalogue.each(), n: mock.outputs.catalog.all("realisation") }, outputs: { o: json(() => "x") } }, { run: command(({ outputs, inputs, point }) => [outputs.x, inputs.zz, point.realization]), retries: 3 });
const c = defineStage({ name: "c", matrix: [redshift] }, { inputs: { halo: inputFile(() => "a") }, outputs: { o: json(() => "x") } }, { run: task(populate, { params: { lgmpMin: 1 } }) });
const d = defineStage({ name: "d", matrix: [redshift] }, { outputs: { o: json(() => "x") } }, { run: task(populate) });
