// The queue: one squeue call for all jobs of a user, and what its lines mean. Argument vector out, text in; not the call itself.
import { given, linesOf } from "./answer.ts";
import { type ExitStatus, parseQueuedExit } from "./exit-status.ts";
import { parseJobId } from "./job-id.ts";
import { type JobState, stateOf } from "./states.ts";
import { parseTime } from "./units.ts";

/** A line of squeue: a job, a started task, or all tasks of an array that have not started. */
export interface QueuedJob {
  /** SLURM's own number; of the tasks of an array the last one to start has the array's. */
  readonly jobId: number;
  /** What sbatch answered. Absent: not an array. */
  readonly arrayJobId?: number;
  readonly tasks?: readonly number[];
  readonly throttle?: number;
  readonly name: string;
  readonly comment?: string;
  readonly state: JobState;
  /**
   * Why it is pending, or how it ended. Single tasks that are pending again (requeued) are shown with the rest of their array
   * (22.05, src/squeue/print.c): then the reasons of all, `JobHeldUser,Priority`, and no restarts of their own.
   */
  readonly reason?: string;
  /** Several, `a,b`, while it may still go to any of them. */
  readonly partition: string;
  readonly qos?: string;
  readonly account?: string;
  readonly nodes?: string;
  /** Seconds since 1970, as all times. A requeue sets it anew: to tell a job from another of the same number, ask for "not before". */
  readonly submitted?: number;
  /** While it is pending: when the scheduler expects it to start. */
  readonly start?: number;
  /** While it is running: when its time is up. Absent: no limit. */
  readonly end?: number;
  readonly restarts: number;
  /** Of those that have ended; SLURM keeps them here for MinJobAge (300 s), and without accounting nowhere else. */
  readonly exit?: ExitStatus;
}

export interface Queue {
  readonly jobs: readonly QueuedJob[];
  /** Lines that say something else, e.g. parts of heterogeneous jobs, or of names with line ends. */
  readonly unreadable: readonly string[];
}

/** In this order: the last three may contain anything, reasons even spaces and commas. */
const FIELDS = [
  "JobID", "JobArrayID", "UserID", "State", "Partition", "QOS", "Account", "SubmitTime", "StartTime", "EndTime",
  "RestartCnt", "exit_code", "NodeList", "Name", "Comment", "Reason",
] as const; // prettier-ignore
const FREE = 3;

/**
 * No filter but the user: caps count all jobs of a user, and one call is cheaper than many. `:|` is a field as long as it needs to be,
 * followed by a bar (SLURM 20.02 and later); -o knows neither restarts nor exit codes. Not -r: it loses the last task of a
 * stepped list (22.05). Not --json: it ignores every filter and cuts task lists at 64 characters (22.05).
 * @param user a number, so that no user name of digits is taken for another's
 */
export function squeueArgs(user: number): readonly string[] {
  const format = FIELDS.map((field, i) => (i < FIELDS.length - 1 ? `${field}:|` : `${field}:`)).join(",");
  return ["--noheader", "--all", "--states=all", `--user=${user}`, `--Format=${format}`];
}

/** @param user others' jobs are left out: squeue 22.05 shows everybody's where it cannot find the user in its database */
export function parseQueue(text: string, user: number): Queue {
  const jobs: QueuedJob[] = [];
  const unreadable: string[] = [];
  for (const line of linesOf(text)) {
    const fields = splitLine(line);
    if (fields && fields[2] !== String(user)) continue;
    const job = fields && jobOf(fields);
    if (job) jobs.push(job);
    else unreadable.push(line);
  }
  return { jobs, unreadable };
}

/** A bar too many belongs to the comment; names with bars are not ours. */
function splitLine(line: string): readonly string[] | undefined {
  const parts = line.split("|");
  if (parts.length < FIELDS.length) return undefined;
  const head = parts.slice(0, FIELDS.length - FREE);
  const [name, ...rest] = parts.slice(FIELDS.length - FREE);
  return [...head, name!, rest.slice(0, -1).join("|"), rest.at(-1)!];
}

function jobOf(fields: readonly string[]): QueuedJob | undefined {
  const [
    jobId,
    id,
    ,
    state,
    partition,
    qos,
    account,
    submitted,
    start,
    end,
    restarts,
    exit,
    nodes,
    name,
    comment,
    reason,
  ] = fields as readonly string[] & { readonly length: 16 };
  const parsed = parseJobId(id!);
  if (!parsed || !/^\d+$/.test(jobId!)) return undefined;
  const known = stateOf(state!, parseQueuedExit(exit!));
  return {
    jobId: Number(jobId),
    ...(parsed.tasks && { arrayJobId: parsed.job, tasks: parsed.tasks }),
    ...(parsed.throttle && { throttle: parsed.throttle }),
    name: name!,
    comment: given(comment!),
    state: known,
    reason: given(reason!),
    partition: partition!,
    qos: given(qos!),
    account: given(account!),
    nodes: given(nodes!),
    submitted: parseTime(submitted!),
    start: parseTime(start!),
    end: parseTime(end!),
    restarts: Number(restarts) || 0,
    ...(known.phase === "ended" && { exit: parseQueuedExit(exit!) }),
  };
}
