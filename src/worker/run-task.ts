// An array task: its jobs, under its claim where it has a token. Exit code 0: everything has a receipt that was begun here, and nothing is left;
// 9: some failed; 8: stopped, some are left.
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskLine } from "../ir/task-line.ts";
import { faultPoint } from "../state/fault.ts";
import type { Allocation } from "./allocation.ts";
import { resume } from "./earlier-lives.ts";
import type { HeldClaim } from "./held-claim.ts";
import { say, withWorker } from "./open-worker.ts";
import { type TaskMode, UsageError, type WorkerOptions } from "./options.ts";
import type { Execution } from "./run-job.ts";
import type { Signals } from "./signals.ts";
import { type EarlierLives, TaskClaim } from "./task-claim.ts";
import { jobsOf, readTaskLine } from "./task-jobs.ts";
import type { TimeLeft } from "./time-left.ts";
import { work } from "./work.ts";

interface Task {
  readonly options: WorkerOptions;
  readonly mode: TaskMode;
  readonly signals: Signals;
  readonly time: TimeLeft;
}

export async function runTask(task: Task, allocation: Allocation): Promise<number> {
  const { options, mode, signals } = task;
  const { token } = mode;
  if (token === undefined) {
    const line = readTaskLine(mode.file, mode.task);
    return await withWorker(options, (worker) => run(task, line, { worker, ...signals }));
  }
  if (allocation.job === undefined) throw new UsageError("--token is for tasks of SLURM, and SLURM_JOB_ID is not set");
  const place = new TaskClaim(options.root, token, mode.task, allocation);
  const standing = place.standing();
  // Before anything is opened: of a large array that was revoked nothing is left but a line each.
  if (standing.kind === "refused") return nothing(options, standing.why);
  const line = readTaskLine(mode.file, mode.task);
  let claim: HeldClaim | undefined;
  const code = await withWorker(options, async (worker) => {
    const taken = place.take(worker.journal.file);
    if (typeof taken === "string") return nothing(options, taken);
    const held = (claim = taken.claim);
    const stop = AbortSignal.any([signals.stop, held.lost]);
    return await run(task, line, { worker, warn: signals.warn, stop, holds: () => held.holds() }, taken.before);
  });
  if (claim?.end(code)) faultPoint("claim/ended");
  return code;
}

function nothing({ root, name }: WorkerOptions, why: string): number {
  say(root, name, `nothing is begun: ${why}`);
  return 0;
}

async function run(task: Task, line: TaskLine, execution: Execution, before?: EarlierLives): Promise<number> {
  const { worker, stop } = execution;
  if (before && before.silence > 0) await sleep(before.silence, undefined, { signal: stop }).catch(() => undefined);
  const all = jobsOf(line, worker.bundle, worker.root, task.options.run);
  const jobs = before ? resume(worker.root, before.journals, all, worker.journal) : all;
  const { left, failures } = await work(execution, jobs, { time: task.time });
  return left > 0 ? 8 : failures > 0 ? 9 : 0;
}
