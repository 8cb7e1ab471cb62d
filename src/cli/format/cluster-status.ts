// Runs in progress on a cluster as text: the last tick, warnings, why jobs wait, submissions, alerts. Pure strings.
import type { ClusterStatus, SubmissionStatus } from "../../apply/cluster-status.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import type { Status } from "../../insight/status.ts";
import { instant, jobs } from "./amount.ts";
import { hang } from "./columns.ts";
import { count, duration } from "./quantity.ts";

interface Look {
  readonly palette: Palette;
  readonly width: number;
}

const SHOWN_SUBMISSIONS = 8;
const SHOWN_REASONS = 8;
const SHOWN_ALERTS = 5;

/** Before the stages: who is at work, and what is wrong with that. */
export function progressLines({ runs, turn, warnings }: ClusterStatus, now: number, look: Look): string[] {
  const { palette, width } = look;
  const lines = runs.map(({ run, site, startedAt }) => `${palette.green("In progress:")} run ${run} on ${site}, applied ${instant(startedAt)}`); // prettier-ignore
  if (turn) lines.push(hang(`Last turn ${ago(turn.at, now)}: `, turn.line, width));
  return [...lines, ...warnings.map(({ message }) => hang("", `WARNING: ${message}`, width, palette.yellow))];
}

/** After the stages. */
export function queueLines(cluster: ClusterStatus, status: Status, now: number, look: Look): string[] {
  return [
    ...reasonLines(cluster, status, now, look),
    ...submissionLines(cluster.submissions, look),
    ...alertLines(cluster, look),
  ];
}

function reasonLines({ seenAt, noRoom }: ClusterStatus, status: Status, now: number, look: Look): string[] {
  const { palette, width } = look;
  const { reasons, nextRetry, total } = status;
  const lines = reasons
    .filter(({ standing }) => standing !== "running")
    .slice(0, SHOWN_REASONS)
    .map(({ standing, reason, jobs: n }) => hang("  ", `${count(n)} ${standingText(standing)}: ${reason}`, width));
  if (nextRetry !== undefined)
    lines.push(`  ${count(total.retry)} to be retried, next ${nextRetry <= now ? "at the next tick" : `at ${instant(nextRetry)}, in ${duration((nextRetry - now) / 1000)}`}`); // prettier-ignore
  if (noRoom > 0) lines.push(`  ${count(noRoom)} array tasks had no room in the queue`);
  if (lines.length === 0) return [];
  const when = seenAt === undefined ? "the scheduler was not reached yet" : `the queue as of ${instant(seenAt)}, ${ago(seenAt, now)}`; // prettier-ignore
  return [`${palette.bold("Not done")} ${palette.dim(`(${when})`)}`, ...lines, ""];
}

/** As a person would say it. */
export function standingText(standing: string): string {
  return standing === "retry" ? "to be retried" : standing;
}

function submissionLines(submissions: readonly SubmissionStatus[], { palette, width }: Look): string[] {
  if (submissions.length === 0) return [];
  const lines = submissions.slice(0, SHOWN_SUBMISSIONS).map((one) => hang("  ", submissionText(one), width));
  if (submissions.length > SHOWN_SUBMISSIONS)
    lines.push(palette.dim(`  and ${count(submissions.length - SHOWN_SUBMISSIONS)} more: --json lists all`));
  return [palette.bold(`${count(submissions.length)} open ${submissions.length === 1 ? "submission" : "submissions"}`), ...lines, ""]; // prettier-ignore
}

function submissionText({ token, jobId, mode, lane, tasks, jobs: n, seen }: SubmissionStatus): string {
  const number = jobId === undefined ? "no SLURM job known" : `SLURM job ${jobId}`;
  const size = mode === "pool" ? "allocation of a pool" : `${count(tasks)} ${tasks === 1 ? "task" : "tasks"}, ${jobs(n)}`; // prettier-ignore
  const phases = seen.map(({ phase, reason, tasks: list }) => `${list === undefined ? "" : `${/^\d+$/.test(list) ? "task" : "tasks"} ${list} `}${phase}${reason === undefined ? "" : ` (${reason})`}`); // prettier-ignore
  const state = phases.length > 0 ? `: ${phases.join("; ")}` : mode === "array" ? ": not looked at since" : "";
  return `${token}  ${number}${lane === undefined ? "" : `, lane ${lane}`}, ${size}${state}`;
}

function alertLines({ alerts }: ClusterStatus, { palette, width }: Look): string[] {
  if (alerts.length === 0) return [];
  const lines = alerts.slice(0, SHOWN_ALERTS).map(({ at, code, message, holds }) =>
    hang("  ", `${holds ? palette.red("now") : palette.dim("was")} ${code} (since ${instant(at)}): ${message}`, width),
  ); // prettier-ignore
  if (alerts.length > SHOWN_ALERTS) lines.push(palette.dim(`  and ${count(alerts.length - SHOWN_ALERTS)} earlier: --json lists all`)); // prettier-ignore
  return [palette.bold("Alerts"), ...lines, ""];
}

function ago(at: number, now: number): string {
  return `${duration(Math.max(0, now - at) / 1000)} ago`;
}
