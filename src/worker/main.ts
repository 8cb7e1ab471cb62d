// The worker process: command line, signals, and its two modes. In its thread the same file runs tasks. Prints the protocol and nothing else.
import { mkdirSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { faultPoint } from "../state/fault.ts";
import { openJournal } from "../state/journal.ts";
import { BundleReader } from "./bundle-reader.ts";
import { Launcher } from "./launcher.ts";
import { WorkerLog } from "./log.ts";
import { parseOptions, UsageError, type WorkerOptions } from "./options.ts";
import { KnownFolders } from "./publish.ts";
import type { WorkerProcess } from "./run-job.ts";
import { serve } from "./serve.ts";
import { runSlice } from "./slice.ts";
import { jobBaseEnvironment } from "./environment.ts";
import { StagingArea } from "./staging.ts";
import { TaskHost } from "./task-host.ts";
import { taskThread } from "./task-thread.ts";

function openWorker(options: WorkerOptions): WorkerProcess {
  const { root, campaignDir, name, run } = options;
  const bundle = new BundleReader(options.bundle);
  mkdirSync(join(root, "staging"), { recursive: true });
  const log = new WorkerLog(root, name);
  const folders = new KnownFolders();
  const journal = openJournal(root, { writer: "worker", run, name, beforeSync: () => folders.sync() });
  const env = jobBaseEnvironment(process.env);
  return {
    name,
    root,
    campaignDir,
    bundle,
    journal,
    log,
    host: hostname(),
    threads: new TaskHost(log.fd),
    folders,
    staging: new StagingArea(root),
    launcher: new Launcher(env, log.fd),
    env,
  };
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const worker = openWorker(options);
  faultPoint("worker/opened");
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  try {
    const execution = { worker, stop: stop.signal };
    return options.mode.kind === "serve"
      ? await serve(execution, stop, options.mode)
      : await runSlice(execution, options.run, options.mode);
  } finally {
    worker.launcher.close();
    await worker.threads.close();
    worker.staging.close();
    worker.journal.close();
    worker.log.close();
  }
}

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
