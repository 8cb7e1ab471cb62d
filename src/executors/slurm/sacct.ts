// Accounting: what sacct is asked for and what its rows mean. One row an attempt; which of them count is in attempts.ts.
import { type Answer, failureOf, given, linesOf, type Ran } from "./answer.ts";
import { type ExitStatus, parseAccountedExit } from "./exit-status.ts";
import { type JobId, parseJobId } from "./job-id.ts";
import { type JobState, stateOf } from "./states.ts";
import { formatTime, parseTime } from "./units.ts";

export interface AccountingQuery {
  /** Seconds since 1970. Without one sacct would begin today at 00:00, or, asked for jobs by number, in 1970. */
  readonly since: number;
  /** What sbatch answered. Empty: none. Absent: all of the user. */
  readonly jobs?: readonly number[];
  /** Exact; no comma. */
  readonly name?: string;
}

export interface AccountedJob {
  readonly id: JobId;
  /** The number of this record. The task of an array that started last has the array's. */
  readonly rawId: number;
  /** May be `allocation` in the first seconds. */
  readonly name: string;
  /** Only where the site has AccountingStoreFlags=job_comment: look for tokens by name. */
  readonly comment?: string;
  /** An ended state without an end time is an artefact of the first seconds. */
  readonly state: JobState;
  readonly reason?: string;
  readonly exit?: ExitStatus;
  readonly submitted?: number;
  readonly start?: number;
  readonly end?: number;
  readonly partition?: string;
  readonly qos?: string;
  readonly account?: string;
  readonly nodes?: string;
}

export interface Accounting {
  readonly jobs: readonly AccountedJob[];
  readonly unreadable: readonly string[];
}

/** `off`: the site keeps no accounts, now and later. */
export type AccountingAnswer = Answer<Accounting> | { readonly type: "off"; readonly text: string };

const FIELDS = [
  "JobID", "JobIDRaw", "State", "ExitCode", "Submit", "Start", "End", "Partition", "QOS", "Account", "NodeList",
  "Reason", "JobName", "Comment",
] as const; // prettier-ignore

/**
 * -X: no steps; -P: `|`, nothing cut; -D: every attempt, not only the last. There is no --array and no field Restarts in 22.05,
 * and --json gives wrong exit codes and task lists. Ids are not sorted, tasks not adjacent. Times are UTC: runs with TZ=UTC0.
 */
export function sacctArgs(user: number, { since, jobs, name }: AccountingQuery): readonly string[] {
  return [
    ...["--allocations", "--parsable2", "--duplicates", "--noheader"],
    ...[`--user=${user}`, `--starttime=${formatTime(since)}`, "--endtime=now"],
    ...(jobs ? [`--jobs=${jobs.join(",")}`] : []),
    ...(name === undefined ? [] : [`--name=${name}`]),
    `--format=${FIELDS.join(",")}`,
  ];
}

export function readAccounting(ran: Ran): AccountingAnswer {
  const text = `${ran.stderr}\n${ran.stdout}`;
  // 22.05, exit 1; an empty table would say: no such jobs.
  const off = /accounting storage is disabled|not running a supported accounting_storage plugin/i.exec(text);
  if (ran.code !== 0 && off) return { type: "off", text: text.trim() };
  return failureOf(ran) ?? { type: "ok", value: parseAccounting(ran.stdout) };
}

export function parseAccounting(text: string): Accounting {
  const jobs: AccountedJob[] = [];
  const unreadable: string[] = [];
  for (const line of linesOf(text)) {
    const job = jobOf(line.split("|"));
    if (job) jobs.push(job);
    else unreadable.push(line);
  }
  return { jobs, unreadable };
}

/** Comments come last, with all the bars they have. */
function jobOf(fields: readonly string[]): AccountedJob | undefined {
  if (fields.length < FIELDS.length) return undefined;
  const [id, rawId, state, exit, submitted, start, end, partition, qos, account, nodes, reason, name] = fields;
  const parsed = parseJobId(id!);
  if (!parsed || !/^\d+$/.test(rawId!)) return undefined;
  const status = parseAccountedExit(exit!);
  const known = stateOf(state!, status);
  return {
    id: parsed,
    rawId: Number(rawId),
    name: name!,
    comment: given(fields.slice(FIELDS.length - 1).join("|")),
    state: known,
    reason: given(reason!),
    ...(known.phase === "ended" && { exit: status }),
    submitted: parseTime(submitted!),
    start: parseTime(start!),
    end: parseTime(end!),
    partition: given(partition!),
    qos: given(qos!),
    account: given(account!),
    nodes: nodes === "None assigned" ? undefined : given(nodes!),
  };
}
