// What a campaign may import, and nothing else.
export { axis, product, zip } from "./author/axis.ts";
export type { Axis, Dimension } from "./author/axis.ts";
export { defineCampaign } from "./author/campaign.ts";
export type { FanInElement, InputValue, JobContext, MetricOptions } from "./author/context.ts";
export type { DatasetOptions, DatasetValues, Dtype, Hdf5, Hdf5Reader, Hdf5Writer } from "./author/hdf5.ts";
export { inputFile, inputFiles } from "./author/input.ts";
export { listing } from "./author/listing.ts";
export { moved } from "./author/moved.ts";
export type { Moved } from "./author/moved.ts";
export { dir, echo, file, hdf5, json, pad } from "./author/output.ts";
export type { Ramp, RampSteps } from "./author/ramp.ts";
export { command, task } from "./author/run.ts";
export { seedFrom } from "./author/seed.ts";
export { defineStage } from "./author/stage.ts";
export type { Checkpoint, Gate, MissingInput, OnChange, Resources, Retry } from "./author/stage.ts";
export type { Duration, Size } from "./author/units.ts";
export { variable } from "./author/variable.ts";
export type { Json, Scalar } from "./ir/json.ts";
