// Where a job's own lines are in the log of the worker that ran it. Finds the range; reading and printing it is the command's work.
import type { AttemptClass } from "../state/events.ts";
import type { JobState } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";

export interface JobLog {
  readonly attempt: number;
  readonly attemptId: string;
  readonly class: AttemptClass;
  /** Relative to the campaign root. */
  readonly file: string;
  /** Bytes [from, to) of the file. */
  readonly from: number;
  readonly to: number;
}

/** Of an attempt that runs, or whose worker disappeared, too. */
export interface AttemptLog extends Omit<JobLog, "class" | "to"> {
  /** Absent: it has no end yet. */
  readonly class?: AttemptClass;
  /** Absent: up to where the file ends now. */
  readonly to?: number;
}

/** Every attempt that left a log, oldest first. */
export function jobLogs(job: JobState): JobLog[] {
  return job.attempts.flatMap(({ attempt, attemptId, end }) =>
    end?.log ? [{ attempt, attemptId, class: end.class, ...end.log }] : [],
  );
}

/** Of the last attempt that left one. */
export function jobLog(job: JobState): JobLog | undefined {
  return jobLogs(job).at(-1);
}

/** Every attempt of which it is known where its log begins, oldest first. */
export function attemptLogs(job: JobState, state: State): AttemptLog[] {
  return job.attempts.flatMap((one) => {
    const { attempt, attemptId, log, end } = one;
    const how = end ? { class: end.class } : {};
    if (end?.log) return [{ attempt, attemptId, ...how, ...end.log }];
    if (!log) return [];
    const to = nextBeginning(state, attemptId, log);
    return [{ attempt, attemptId, ...how, ...log, ...(to === undefined ? {} : { to }) }];
  });
}

/** A worker runs one job after the other: where the next one begins, the range of one without a recorded end is over. */
function nextBeginning(
  state: State,
  attemptId: string,
  { file, from }: { readonly file: string; readonly from: number },
): number | undefined {
  let next: number | undefined;
  for (const { attempts } of state.jobs.values())
    for (const { attemptId: id, log, end } of attempts) {
      const other = end?.log ?? log;
      if (other?.file === file && id !== attemptId && other.from > from) next = Math.min(next ?? Infinity, other.from);
    }
  return next;
}
