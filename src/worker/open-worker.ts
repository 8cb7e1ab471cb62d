// Opens what a worker process holds (bundle, journal, log, thread, launcher), lends it, and closes it in the right order.
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { faultPoint } from "../state/fault.ts";
import { openJournal } from "../state/journal.ts";
import { allocationOf } from "./allocation.ts";
import { BundleReader } from "./bundle-reader.ts";
import { jobBaseEnvironment } from "./environment.ts";
import { Launcher } from "./launcher.ts";
import { WorkerLog } from "./log.ts";
import type { WorkerOptions } from "./options.ts";
import { TouchedFolders } from "./publish.ts";
import type { WorkerProcess } from "./run-job.ts";
import { StagingArea } from "./staging.ts";
import { TaskHost } from "./task-host.ts";

/** The journal is durable and closed on return. */
export async function withWorker(
  options: WorkerOptions,
  use: (worker: WorkerProcess) => Promise<number>,
): Promise<number> {
  const worker = openWorker(options);
  faultPoint("worker/opened");
  try {
    return await use(worker);
  } finally {
    await worker.launcher.close();
    await worker.threads.close();
    worker.staging.close();
    worker.journal.close();
    worker.log.close();
  }
}

/** A line in the log of a worker that has not opened anything. */
export function say(root: string, name: string, text: string): void {
  const log = new WorkerLog(root, name);
  log.line(`cmc worker: ${text}`);
  log.close();
}

function openWorker(options: WorkerOptions): WorkerProcess {
  const { root, campaignDir, name, run } = options;
  const bundle = new BundleReader(options.bundle);
  mkdirSync(join(root, "staging"), { recursive: true });
  const log = new WorkerLog(root, name);
  const folders = new TouchedFolders();
  const journal = openJournal(root, { writer: "worker", run, name, beforeSync: () => folders.sync() });
  const env = jobBaseEnvironment(process.env);
  const served = options.mode.kind === "serve";
  const { nodes } = served ? {} : allocationOf(process.env);
  return {
    name,
    root,
    campaignDir,
    bundle,
    journal,
    log,
    // A node by the name by which SLURM can be told to leave it out.
    host: (served ? undefined : process.env["SLURMD_NODENAME"]) ?? hostname(),
    ...(nodes === undefined ? {} : { nodes }),
    threads: new TaskHost(log.fd),
    folders,
    staging: new StagingArea(root),
    launcher: new Launcher(env, log.fd),
    env,
  };
}
