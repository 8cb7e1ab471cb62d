// What a dead apply left behind on this machine: workers that still live, processes of their jobs, staging directories. For the start of the next apply, under the lock.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { liveWriters, type WriterInfo } from "../../state/journal-writers.ts";
import { isAlive, thisProcess } from "../../state/process-id.ts";
import { type Journals, readJournals } from "../../state/read-journal.ts";
import type { State } from "../../state/reduce.ts";
import { endProcesses, markedProcesses } from "./processes.ts";

export interface Reaped {
  readonly workers: number;
  readonly processes: number;
  /** Attempts without an end although nobody works on them any more: lost. */
  readonly lost: readonly { readonly key: string; readonly attempt: number; readonly attemptId: string }[];
}

/** A worker whose stdin has ended is on its way out: it gives its job 2 s to end and needs a moment to record it. */
const WORKER_GRACE = 4000;
const JOB_GRACE = 2000;

/** Waits until everybody is gone. Only for the holder of the campaign's lock: every live worker then belongs to a dead apply. */
export async function reapOrphans(root: string, journals: Journals = readJournals(root)): Promise<Reaped> {
  const workers = liveWriters(journals.writers).filter(
    (writer) => writer.writer === "worker" && writer.host === thisProcess().host,
  );
  await Promise.all(workers.map(endWorker));
  // Workers that were ended have written: the state is read again only then.
  const { state } = (workers.length > 0 ? readJournals(root) : journals).fold();
  const lost = openAttempts(state);
  const ids = new Set(lost.map((attempt) => attempt.attemptId));
  const processes =
    ids.size === 0 ? 0 : await endProcesses(() => markedProcesses(root, (id) => ids.has(id)), JOB_GRACE);
  sweepStaging(root);
  return { workers: workers.length, processes, lost };
}

async function endWorker(worker: WriterInfo): Promise<void> {
  const begin = Date.now();
  signal(worker, "SIGTERM");
  for (let wait = 5; isAlive(worker); wait = Math.min(100, wait * 2)) {
    if (Date.now() - begin > WORKER_GRACE) signal(worker, "SIGKILL");
    if (Date.now() - begin > WORKER_GRACE + 10_000)
      throw new Error(`worker ${worker.pid} of a dead apply does not end`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** isAlive compares start times, so a pid that was used again is never signalled. */
function signal(worker: WriterInfo, name: NodeJS.Signals): void {
  try {
    if (isAlive(worker)) process.kill(worker.pid, name);
  } catch {
    // gone already
  }
}

function openAttempts(state: State): { key: string; attempt: number; attemptId: string }[] {
  const open: { key: string; attempt: number; attemptId: string }[] = [];
  for (const job of state.jobs.values())
    for (const { attempt, attemptId, end, host } of job.attempts)
      if (!end && (host === undefined || host === thisProcess().host)) open.push({ key: job.key, attempt, attemptId });
  return open;
}

/** Nobody works under this root any more, so everything in staging is left over. Where it cannot be removed it stays. */
function sweepStaging(root: string): void {
  let names: string[];
  try {
    names = readdirSync(join(root, "staging"));
  } catch {
    return;
  }
  for (const name of names)
    try {
      rmSync(join(root, "staging", name), { recursive: true, force: true });
    } catch {
      // costs space, nothing else
    }
}
