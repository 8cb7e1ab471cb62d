// The worker process: command line, signals, and its modes. In its thread the same file runs tasks. Prints the protocol and nothing else.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { allocationOf } from "./allocation.ts";
import { optimizeLater } from "./lean.ts";
import { withWorker } from "./open-worker.ts";
import { parseOptions, UsageError } from "./options.ts";
import { runPool } from "./run-pool.ts";
import { runTask } from "./run-task.ts";
import { serve } from "./serve.ts";
import { clusterSignals, stopSignal } from "./signals.ts";
import { taskThread } from "./task-thread.ts";
import { TimeLeft } from "./time-left.ts";

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const { mode } = options;
  if (mode.kind === "serve") {
    const stop = stopSignal();
    return await withWorker(options, (worker) => serve({ worker, stop: stop.signal }, stop, mode));
  }
  const signals = clusterSignals();
  const allocation = allocationOf(process.env, mode.until);
  const time = new TimeLeft(allocation.end, Date.now);
  return mode.kind === "pool"
    ? await runPool(options, mode, signals, time, allocation)
    : await runTask({ options, mode, signals, time }, allocation);
}

optimizeLater();
if (isMainThread)
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      const text =
        error instanceof UsageError
          ? error.message
          : error instanceof Error
            ? (error.stack ?? error.message)
            : String(error);
      writeSync(2, `cmc worker: ${text}\n`);
      process.exit(error instanceof UsageError ? 3 : 1);
    },
  );
else taskThread();
