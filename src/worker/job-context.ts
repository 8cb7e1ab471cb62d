// JobContext as a task sees it, inside the worker's thread. Synchronous file access on purpose: one job at a time runs here.
import { mkdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { JobContext, MetricOptions } from "../author/context.ts";
import type { Hdf5 } from "../author/hdf5.ts";
import type { Phase } from "../state/events.ts";
import type { MetricFact } from "../state/receipt.ts";
import { errno } from "../state/write-error.ts";
import { metricFact } from "./metrics.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { TaskOrder } from "./thread-protocol.ts";

export interface Recorded {
  readonly context: JobContext;
  readonly metrics: readonly MetricFact[];
  /** Ends the open phase. */
  phases(): readonly Phase[];
}

export function jobContext(order: TaskOrder, loadHdf5: () => Promise<Hdf5>, logFd: number): Recorded {
  const metrics: MetricFact[] = [];
  const clock = new PhaseClock();
  const context: JobContext = {
    key: order.key,
    point: order.point,
    params: order.params,
    inputs: order.inputs,
    outputs: order.outputs,
    attempt: order.attempt,
    hdf5: loadHdf5,
    readText: (path) => readFileSync(path, "utf8"),
    writeText,
    metric: (name: string, value: number, options: MetricOptions = {}) => {
      if (typeof name !== "string" || name === "") throw new TypeError("a metric needs a name");
      if (typeof value !== "number") throw new TypeError(`metric ${name} is not a number: ${typeof value}`);
      metrics.push(metricFact(name, value, options.unit, options.detail));
    },
    phase: (name) => clock.enter(name),
    log: (message) => writeLog(logFd, message),
  };
  return { context, metrics, phases: () => clock.end() };
}

/** Its folder is made where it is missing, which it hardly ever is. */
function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    if (errno(error) !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** A full disk must not turn a log line into a failed job. */
export function writeLog(fd: number, message: string): void {
  try {
    writeSync(fd, `${message}\n`);
  } catch {
    // nothing to tell it to
  }
}
