// Findings: failed jobs and gates that did not pass, in words a person can act on. A view; who is blocked by them is in standing.ts.
import { type JobTable, keyOf } from "../expand/table.ts";
import type { AttemptClass } from "../state/events.ts";
import type { GateFact } from "../state/receipt.ts";
import type { JobState } from "../state/job-state.ts";
import { type JobLog, jobLog } from "./logs.ts";
import { STANDINGS, type Standings } from "./standing.ts";

export interface Failure {
  readonly key: string;
  readonly stage: string;
  readonly class: AttemptClass;
  readonly attempt: number;
  /** Failures that count. */
  readonly failures: number;
  readonly message: string;
  readonly exit?: number;
  readonly signal?: string;
  /** Host it ran on. */
  readonly node?: string;
  readonly at: number;
  readonly logTail?: string;
  readonly log?: JobLog;
}

export interface GateFinding {
  readonly key: string;
  readonly stage: string;
  readonly gate: string;
  readonly metric: string;
  readonly level: "fail" | "warn";
  readonly message: string;
}

/** In job order. */
export function failuresIn(table: JobTable, { of, jobs }: Standings): Failure[] {
  const failed = STANDINGS.indexOf("failed");
  return jobs.flatMap((job, row) => (of[row] === failed && job?.last?.end ? [failure(job)] : []));
}

function failure(job: JobState): Failure {
  const { attempt, host, end } = job.last!;
  const { exit, signal, message, at, logTail } = end!;
  return {
    key: job.key,
    stage: job.stage,
    class: end!.class,
    attempt,
    failures: job.counted,
    message,
    exit,
    signal,
    node: host,
    at,
    logTail,
    log: jobLog(job),
  };
}

/** Of the accepted receipts that hold now, and of the last attempts that a gate refused. Level fail first, then in job order. */
export function gatesIn(table: JobTable, { of, jobs }: Standings): GateFinding[] {
  const [failed, done] = [STANDINGS.indexOf("failed"), STANDINGS.indexOf("done")];
  const found: GateFinding[] = [];
  for (const stage of table.stages)
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      const job = jobs[row];
      const gates: readonly GateFact[] =
        (of[row] === done ? job?.receipt?.gates : of[row] === failed ? job?.last?.end?.gates : undefined) ?? [];
      for (const { name: gate, metric, level, message, passed } of gates)
        if (!passed) found.push({ key: keyOf(stage, i), stage: stage.stage.name, gate, metric, level, message });
    }
  return [...found.filter((gate) => gate.level === "fail"), ...found.filter((gate) => gate.level === "warn")];
}
