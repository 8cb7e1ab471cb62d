// Works through given jobs, one after the other, until they are done or something says to begin no more. Where the jobs come from is run-task.ts and pool.ts.
import type { TaskJob } from "../ir/task-line.ts";
import { isInterruption } from "../state/attempt.ts";
import { perform, prepare } from "./attempt.ts";
import type { Finished } from "./protocol.ts";
import { Publisher } from "./publisher.ts";
import type { Execution } from "./run-job.ts";
import type { TimeLeft } from "./time-left.ts";

export interface Worked {
  /** Jobs that were not begun, or that were stopped or gave way and are to go on. */
  left: number;
  failures: number;
  /** Nothing more can be done here: no time for the next one, or the disk is full. */
  halted: boolean;
}

export interface WorkRules {
  readonly time: TimeLeft;
  /** Asked before each job. */
  readonly goesOn?: () => boolean;
  readonly ended?: (finished: Finished) => void;
}

/** Jobs in a row that met a full or read-only disk: the next ones would too. */
const MOST_MACHINE_FAULTS = 3;

/** Everything that was begun is recorded on return. */
export async function work(execution: Execution, jobs: readonly TaskJob[], rules: WorkRules): Promise<Worked> {
  const { worker, stop, warn } = execution;
  const { time, goesOn, ended } = rules;
  const publisher = new Publisher(worker, execution.holds);
  const worked: Worked = { left: jobs.length, failures: 0, halted: false };
  let faults = 0;
  for (const job of jobs) {
    worked.halted = faults >= MOST_MACHINE_FAULTS;
    if (worked.halted || stop.aborted || warn?.aborted || goesOn?.() === false) break;
    const { stage, walltime } = lookUp(execution, job);
    const request = time.admit(stage, walltime, job);
    worked.halted = !request;
    if (!request) break;
    const attempted = await perform(execution, prepare(execution, request), () => undefined);
    await publisher.add(attempted, (finished) => {
      // What the journal does not take is not done, and nothing more will be.
      faults = finished.unrecorded ? MOST_MACHINE_FAULTS : finished.machine ? faults + 1 : 0;
      if (!isInterruption(finished.class) && !finished.unrecorded) worked.left -= 1;
      if (isFailure(finished)) worked.failures += 1;
      if (finished.class === "ok") time.record(stage, finished.seconds);
      ended?.(finished);
    });
    // Whoever counts failures counts it before the next job; nothing is gained by waiting for others to publish.
    if (attempted.outcome?.kind === "failure") await publisher.flush();
  }
  await publisher.flush();
  return worked;
}

export function isFailure({ class: how }: Finished): boolean {
  return how !== "ok" && !isInterruption(how);
}

/** A line that means another job than its key says was made for another bundle. */
function lookUp({ worker: { bundle } }: Execution, { batch, line, key, resources }: TaskJob) {
  const job = bundle.job(batch, line);
  if (job.key !== key)
    throw new Error(`line ${line} of batch ${batch} is ${job.key}, not ${key}: another bundle's task file`);
  return {
    stage: job.stage,
    walltime: { ...bundle.stage(job.stage).resources, ...job.resources, ...resources }.walltime,
  };
}
