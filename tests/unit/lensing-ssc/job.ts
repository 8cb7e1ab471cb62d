// Runs a task function as the worker would: real HDF5, real files, metrics and log lines kept in memory. No stage, no gates.
import { readFileSync, writeFileSync } from "node:fs";
import type { FanInElement, JobContext, Json, Scalar } from "cmc";
import { loadHdf5 } from "../../../src/validators/hdf5/entry.ts";

export interface Metric {
  readonly value: number;
  readonly detail?: Json;
}

type Inputs = Readonly<Record<string, string | readonly string[] | readonly FanInElement[]>>;

export interface Job<P, I extends Inputs, O extends string> {
  readonly point: Readonly<Record<string, Scalar>>;
  readonly params: P;
  readonly inputs: I;
  readonly outputs: Readonly<Record<O, string>>;
}

export interface Ran {
  readonly log: readonly string[];
  /** Value of a metric; throws when the task never emitted it, or twice. */
  metric(name: string): Metric;
  readonly metricNames: readonly string[];
  /** What the task threw; undefined when it returned. */
  readonly error: Error | undefined;
}

/** Runs a task function once. Errors are values, so that a test sees the metrics of a refused job too. */
export async function run<P, I extends Inputs, O extends string>(
  task: (ctx: JobContext<P, I, O>) => Promise<void>,
  job: Job<P, I, O>,
): Promise<Ran> {
  const metrics: (Metric & { readonly name: string })[] = [];
  const log: string[] = [];
  const point = Object.entries(job.point).map(([axis, value]) => `${axis}=${value}`);
  const context: JobContext<P, I, O> = {
    ...job,
    key: `${task.name}[${point.join(",")}]`,
    attempt: 1,
    hdf5: loadHdf5,
    readText: (path) => readFileSync(path, "utf8"),
    writeText: (path, text) => writeFileSync(path, text),
    metric: (name, value, options) => void metrics.push({ name, value, detail: options?.detail }),
    phase: () => undefined,
    log: (message) => void log.push(message),
  };
  const ran = (error: Error | undefined): Ran => ({
    log,
    error,
    metricNames: metrics.map(({ name }) => name),
    metric: (name) => {
      const found = metrics.filter((one) => one.name === name);
      if (found.length !== 1) throw new Error(`metric ${name} emitted ${found.length} times`);
      const { value, detail } = found[0]!;
      return { value, detail };
    },
  });
  try {
    await task(context);
    return ran(undefined);
  } catch (error) {
    return ran(error as Error);
  }
}
