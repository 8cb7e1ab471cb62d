// Inside the worker's thread: runs tasks and content checks, one at a time. An endless loop or a full heap here ends the thread, not the worker.
import { readFileSync } from "node:fs";
import { format } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import type { JobContext } from "../author/context.ts";
import type { Hdf5 } from "../author/hdf5.ts";
import type { Hdf5Entry } from "../validators/hdf5/entry.ts";
import type { CheckFact } from "../state/receipt.ts";
import { contentDigest } from "./digest.ts";
import { jobContext, writeLog } from "./job-context.ts";
import type { CheckOrder, Order, Reply, TaskOrder, ThreadData } from "./thread-protocol.ts";

type TaskModule = { readonly default: (context: JobContext) => void | Promise<void> };

/** Lies next to worker.mjs and is loaded by the jobs that need it: it costs 0.1 s and 60 MB. */
const HDF5_CHUNK = new URL("./hdf5.mjs", import.meta.url).href;
const hdf5Chunk = (): Promise<Hdf5Entry> => import(HDF5_CHUNK) as Promise<Hdf5Entry>;
/** Inside worker.mjs, but esbuild runs a dynamically imported module only when it is asked for: ajv costs 38 ms. */
const schemaChunk = () => import("../validators/schema/entry.ts");

export function taskThread(): void {
  const { logFd } = workerData as ThreadData;
  captureOutput(logFd);
  const port = parentPort!;
  port.on("message", (order: Order) => {
    void answer(order, logFd).then((reply) => port.postMessage(reply));
  });
}

async function answer(order: Order, logFd: number): Promise<Reply> {
  try {
    switch (order.type) {
      case "task":
        return await runTask(order, logFd);
      case "check":
        return { type: "checked", facts: await runChecks(order) };
      case "digest":
        return { type: "digested", digests: order.outputs.map(({ path, folder }) => contentDigest(path, folder)) };
    }
  } catch (error) {
    writeLog(logFd, error instanceof Error ? (error.stack ?? error.message) : format("thrown: %o", error));
    const { code } = (error ?? {}) as { code?: unknown };
    const message = error instanceof Error ? `${error.name}: ${error.message}` : format("threw %o", error);
    return { type: "threw", message, ...(typeof code === "string" ? { code } : {}) };
  }
}

async function runTask(order: TaskOrder, logFd: number): Promise<Reply> {
  const module = (await import(order.module)) as TaskModule;
  const recorded = jobContext(order, async (): Promise<Hdf5> => (await hdf5Chunk()).loadHdf5(), logFd);
  await module.default(recorded.context);
  return { type: "done", metrics: recorded.metrics, phases: recorded.phases() };
}

async function runChecks({ checks }: CheckOrder): Promise<CheckFact[]> {
  const facts: CheckFact[] = [];
  for (const check of checks)
    if (check.kind === "hdf5") facts.push(...(await (await hdf5Chunk()).checkHdf5(check)));
    else if (check.schema === undefined) facts.push(parseCheck(check.output, check.path));
    else facts.push(...(await schemaChunk()).checkJson({ ...check, schema: check.schema }));
  return facts;
}

function parseCheck(output: string, path: string): CheckFact {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return { output, check: "json/parse", passed: true, message: "is JSON" };
  } catch (error) {
    return { output, check: "json/parse", passed: false, message: `is not JSON: ${(error as Error).message}` };
  }
}

/** The thread's stdout would reach the worker's, which belongs to the protocol; and late, after the job's log range is closed. */
function captureOutput(logFd: number): void {
  const line = (...values: unknown[]): void => writeLog(logFd, format(...values));
  for (const name of ["log", "info", "debug", "warn", "error", "trace"] as const) console[name] = line;
  const write = (chunk: string | Uint8Array): boolean => (writeLog(logFd, String(chunk).replace(/\n$/, "")), true);
  process.stdout.write = write as typeof process.stdout.write;
  process.stderr.write = write as typeof process.stderr.write;
}
