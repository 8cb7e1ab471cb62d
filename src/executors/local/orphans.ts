// What a dead apply left behind on this machine: workers that still live, processes of their jobs, staging directories. For the start of the next apply, under the lock.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../state/journal.ts";
import { liveWriters, type WriterInfo } from "../../state/journal-writers.ts";
import { isAlive, thisProcess } from "../../state/process-id.ts";
import { type Journals, readJournals } from "../../state/read-journal.ts";
import type { State } from "../../state/reduce.ts";
import { endProcesses, markedProcesses } from "./processes.ts";

export interface Reaped {
  readonly workers: number;
  readonly processes: number;
  /** Attempts without an end although nobody works on them any more: lost. */
  readonly lost: readonly OpenAttempt[];
}

interface OpenAttempt {
  readonly key: string;
  readonly attempt: number;
  readonly attemptId: string;
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
  const { here, elsewhere } = openAttempts(state);
  const processes = await endLeftProcesses(root);
  sweepStaging(root, elsewhere);
  if (here.length > 0) declareLost(root, here);
  return { workers: workers.length, processes, lost: here };
}

/**
 * For the end of a run, when its own workers are gone: daemons that jobs left behind, and the staging of workers that were killed.
 * Does nothing while array tasks of this campaign are at work too.
 */
export async function clearAway(root: string): Promise<void> {
  if (liveWriters(readJournals(root).writers).some((writer) => writer.writer === "worker")) return;
  await endLeftProcesses(root);
  sweepStaging(root, new Set());
}

/** Whoever carries the marks of a job of this root, in whatever group. Should cmc itself run inside a job, that job is spared. */
function endLeftProcesses(root: string): Promise<number> {
  const own = process.env["CMC_ATTEMPT_ID"];
  return endProcesses(() => markedProcesses(root, (id) => id !== own), JOB_GRACE);
}

async function endWorker(worker: WriterInfo): Promise<void> {
  const begin = Date.now();
  signal(worker, "SIGTERM");
  // A stopped process takes no notice of SIGTERM until it goes on.
  signal(worker, "SIGCONT");
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

/** Attempts without an end. Those of other hosts may be running: only their ids are of interest. */
function openAttempts(state: State): { readonly here: OpenAttempt[]; readonly elsewhere: ReadonlySet<string> } {
  const here: OpenAttempt[] = [];
  const elsewhere = new Set<string>();
  for (const job of state.jobs.values())
    for (const { attempt, attemptId, end, host } of job.attempts)
      if (end) continue;
      else if (host === undefined || host === thisProcess().host) here.push({ key: job.key, attempt, attemptId });
      else elsewhere.add(attemptId);
  return { here, elsewhere };
}

/** Without this they would be open for ever: `running` in the manifest where their jobs need not run again. */
function declareLost(root: string, lost: readonly OpenAttempt[]): void {
  const journal = openJournal(root, { writer: "apply", run: `reaped-${Date.now().toString(36)}` });
  const message = "its worker was gone when the next apply began";
  for (const open of lost)
    journal.append({ type: "attempt-finished", at: Date.now(), ...open, class: "lost", message, phases: [] });
  journal.close();
}

/** Nobody works under this root on this host, so all else in staging is left over. */
function sweepStaging(root: string, keep: ReadonlySet<string>): void {
  let names: string[];
  try {
    names = readdirSync(join(root, "staging"));
  } catch {
    return;
  }
  for (const name of names) if (!keep.has(name)) removeStaging(root, name);
}

/** Where it cannot be removed it stays: that costs space, nothing else. */
export function removeStaging(root: string, name: string): void {
  try {
    rmSync(join(root, "staging", name), { recursive: true, force: true });
  } catch {
    // swept by the next apply
  }
}
