// What people should know of runs in progress on a cluster besides their jobs: how old the last tick is, what it could not do, submissions, alerts. Pure.
import type { EventOf } from "../state/events.ts";
import type { ClusterView, ViewedSubmission } from "./cluster-view.ts";
import type { SeenHands } from "./heartbeat.ts";

export interface ClusterStatus {
  /** Latest first. */
  readonly runs: readonly { readonly run: string; readonly startedAt: number; readonly site: string }[];
  /** The last turn anybody took. Absent: nobody has. All times are ms since 1970. */
  readonly turn?: { readonly at: number; readonly line: string };
  /** The last turn of a tick. Absent: apply took the only ones. */
  readonly tickAt?: number;
  /** What is said of the queue is as of then. Absent: the scheduler was not reached yet. */
  readonly seenAt?: number;
  /** Array tasks that had no room in the queue then. */
  readonly noRoom: number;
  readonly warnings: readonly ClusterWarning[];
  readonly submissions: readonly SubmissionStatus[];
  /** Of the runs in progress, latest first. */
  readonly alerts: readonly AlertStatus[];
}

export interface ClusterWarning {
  readonly code: "tick-late" | "tick-never" | "scheduler-unreachable";
  readonly message: string;
}

export interface SubmissionStatus {
  readonly token: string;
  /** Absent: sbatch gave no answer that names it. */
  readonly jobId?: number;
  readonly array: string;
  readonly mode: "array" | "pool";
  readonly lane?: string;
  readonly tasks: number;
  readonly jobs: number;
  readonly submittedAt?: number;
  readonly seen: readonly SeenHands[];
}

export interface AlertStatus {
  readonly at: number;
  readonly code: string;
  readonly message: string;
  /** The last turn that reached the scheduler raised it, too. */
  readonly holds: boolean;
}

/** A tick every ten minutes may miss two turns before anybody worries. */
const LATE_MS = 30 * 60_000;

/** Undefined: no run is in progress on a cluster. */
export function clusterStatus(
  view: ClusterView,
  now: number,
  age: (seconds: number) => string,
): ClusterStatus | undefined {
  const { runs, heartbeat, submissions } = view;
  if (runs.length === 0) return undefined;
  const { seen, tickAt } = heartbeat ?? {};
  return {
    runs: runs.map(({ run, startedAt, site }) => ({ run, startedAt, site: site.name })),
    ...(heartbeat ? { turn: { at: heartbeat.at, line: heartbeat.line } } : {}),
    ...(tickAt === undefined ? {} : { tickAt }),
    ...(seen ? { seenAt: seen.at } : {}),
    noRoom: seen?.waiting ?? 0,
    warnings: warningsOf(view, now, age),
    submissions: submissions.map(submissionStatus),
    alerts: alertsOf(view),
  };
}

const INSTALL = "`cmc tick --install` prints the line for scrontab or cron";

function warningsOf({ heartbeat }: ClusterView, now: number, age: (seconds: number) => string): ClusterWarning[] {
  const warnings: ClusterWarning[] = [];
  const ago = (at: number) => `${age(Math.max(0, now - at) / 1000)} ago`;
  if (heartbeat?.unreachable !== undefined) {
    const stale = heartbeat.seen ? `; what is said of the queue was seen ${ago(heartbeat.seen.at)}` : "";
    const message = `the last turn, ${ago(heartbeat.at)}, could not reach the scheduler${stale}: ${heartbeat.unreachable}`;
    warnings.push({ code: "scheduler-unreachable", message });
  }
  const nothing = "without one nothing more is submitted, retried or recorded as ended";
  if (!heartbeat || (heartbeat.tickAt === undefined && now - heartbeat.at <= LATE_MS))
    warnings.push({ code: "tick-never", message: `no tick has come yet, and ${nothing}; ${INSTALL}` });
  else if (now - heartbeat.at > LATE_MS) {
    const last = heartbeat.tickAt === undefined ? "no tick has come since apply," : "the last tick was";
    warnings.push({ code: "tick-late", message: `${last} ${ago(heartbeat.at)}, and ${nothing}; ${INSTALL}` });
  }
  return warnings;
}

function submissionStatus({ submission, seen }: ViewedSubmission): SubmissionStatus {
  const { token, jobId, intended } = submission;
  return {
    token,
    ...(jobId === undefined ? {} : { jobId }),
    array: intended?.array ?? "",
    mode: intended?.mode ?? "array",
    ...(intended?.lane === undefined ? {} : { lane: intended.lane }),
    tasks: intended?.tasks ?? 0,
    jobs: intended?.jobs ?? 0,
    ...(intended ? { submittedAt: intended.at } : {}),
    seen,
  };
}

function alertsOf({ state, runs, heartbeat }: ClusterView): AlertStatus[] {
  const since = Math.min(...runs.map(({ startedAt }) => startedAt));
  const now = heartbeat?.seen?.alerts ?? [];
  const holds = ({ code, message }: EventOf<"alert">) =>
    now.some((alert) => alert.code === code && alert.message === message);
  return state.alerts
    .filter((alert) => alert.at >= since || holds(alert))
    .map((alert) => ({ at: alert.at, code: alert.code, message: alert.message, holds: holds(alert) }))
    .sort((a, b) => b.at - a.at || (a.message < b.message ? -1 : 1));
}
