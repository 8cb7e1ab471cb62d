// Where a job's own lines are in the log of the worker that ran it. Finds the range; reading and printing it is the command's work.
import type { AttemptClass } from "../state/events.ts";
import type { JobState } from "../state/job-state.ts";

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

/** Every attempt that left a log, oldest first. An attempt that runs or was lost has none: its range is recorded at its end. */
export function jobLogs(job: JobState): JobLog[] {
  return job.attempts.flatMap(({ attempt, attemptId, end }) =>
    end?.log ? [{ attempt, attemptId, class: end.class, ...end.log }] : [],
  );
}

/** Of the last attempt that left one. */
export function jobLog(job: JobState): JobLog | undefined {
  return jobLogs(job).at(-1);
}
