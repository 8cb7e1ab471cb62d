// Attempt: one try of a job, joined from what its worker and others said about it. Joining is commutative: the order of journals cannot matter.
import type { AttemptClass, Event, EventOf, Phase } from "./events.ts";
import type { CheckFact, GateFact, MetricFact, Receipt } from "./receipt.ts";

export interface Attempt {
  readonly attempt: number;
  readonly attemptId: string;
  /** Absent: its start was not recorded (or not read yet). So are the four below. */
  readonly startedAt?: number;
  readonly host?: string;
  readonly pid?: number;
  readonly batch?: string;
  /** Nodes it had, or its share of one. Absent: one. */
  readonly nodes?: number;
  /** Digest of the recipe that was tried. */
  readonly recipe?: string;
  /** Where its log begins; absent as well where its end says so. */
  readonly log?: { readonly file: string; readonly from: number };
  /** Absent: it is running, or nobody knows yet that it is lost. */
  readonly end?: AttemptEnd;
}

export interface AttemptEnd {
  readonly at: number;
  readonly class: AttemptClass;
  readonly exit?: number;
  readonly signal?: string;
  readonly message: string;
  readonly phases: readonly Phase[];
  readonly peakMemory?: number;
  readonly logTail?: string;
  readonly log?: { readonly file: string; readonly from: number; readonly to: number };
  readonly machine?: "state/disk-full" | "state/unwritable";
  readonly adopting?: true;
  readonly scheduler?: string;
  readonly checks?: readonly CheckFact[];
  readonly gates?: readonly GateFact[];
  readonly metrics?: readonly MetricFact[];
  readonly receipt?: Receipt;
}

export function withStart(known: Attempt | undefined, event: EventOf<"attempt-started">): Attempt {
  if (known?.startedAt !== undefined && compareStarts(known, event) <= 0) return known;
  return joined(known, event, event.at, event, known?.end);
}

export function withEnd(known: Attempt | undefined, event: EventOf<"attempt-finished">): Attempt {
  const end = endOf(event);
  if (known?.end && compareEnds(known.end, end) >= 0) return known;
  if (known?.startedAt !== undefined) return joined(known, event, known.startedAt, known, end);
  const { attemptId } = event;
  const attempt = Math.max(known?.attempt ?? 0, event.attempt);
  return { attempt, attemptId, recipe: end.receipt?.recipe.digest, end };
}

/** A literal and few spreads: there is one of these for every event of a million jobs. */
function joined(
  known: Attempt | undefined,
  event: AttemptEvent,
  startedAt: number,
  { host, pid, batch, nodes, recipe: tried, log }: Pick<Attempt, "host" | "pid" | "batch" | "nodes" | "recipe" | "log">,
  end: AttemptEnd | undefined,
): Attempt {
  const { attemptId } = event;
  const attempt = Math.max(known?.attempt ?? 0, event.attempt);
  const recipe = oneCopy(tried, end);
  const start = { attempt, attemptId, startedAt, host, pid, batch, recipe, end };
  // Kept only where nothing better is known: a million of them are 100 MB.
  const begins = end?.log ? undefined : log;
  if (nodes === undefined && begins === undefined) return start;
  return { ...start, ...(nodes === undefined ? {} : { nodes }), ...(begins === undefined ? {} : { log: begins }) };
}

/** Start and receipt bring the same digest as two strings; over a million jobs the second is 48 MB. */
function oneCopy(recipe: string | undefined, end: AttemptEnd | undefined): string | undefined {
  const digest = end?.receipt?.recipe.digest;
  return digest === recipe ? digest : recipe;
}

/** An attempt starts once. Should two records say otherwise, the choice must not depend on which is read first. */
function compareStarts(known: Attempt, event: EventOf<"attempt-started">): number {
  const text = (of: { host?: string; pid?: number; batch?: string; recipe?: string }) =>
    `${of.host} ${of.pid} ${of.batch} ${of.recipe}`;
  return known.startedAt! - event.at || compareText(text(known), text(event));
}

function endOf(event: EventOf<"attempt-finished">): AttemptEnd {
  const {
    at,
    class: how,
    exit,
    signal,
    message,
    phases,
    peakMemory,
    logTail,
    log,
    machine,
    adopting,
    scheduler,
    checks,
    gates,
    metrics,
    receipt,
  } = event;
  // A receipt without success, or success without one, is nobody's proof of anything.
  const proven = how === "ok" && receipt === undefined ? "lost" : how;
  const proof = how === "ok" ? receipt : undefined;
  const end = { at, class: proven, exit, signal, message, phases, peakMemory, logTail, log, checks, gates, metrics, receipt: proof }; // prettier-ignore
  if (machine === undefined && adopting === undefined && scheduler === undefined) return end;
  return {
    ...end,
    ...(machine === undefined ? {} : { machine }),
    ...(adopting === undefined ? {} : { adopting }),
    ...(scheduler === undefined ? {} : { scheduler }),
  };
}

/** An attempt only moves forward: running, lost, cancelled, failed, ok. A worker that was given up for lost and then proves success has succeeded. */
function rank(end: AttemptEnd): number {
  if (end.class === "ok") return 3;
  if (end.class === "cancelled") return 1;
  return end.class === "lost" ? 0 : 2;
}

function compareEnds(a: AttemptEnd, b: AttemptEnd): number {
  return rank(a) - rank(b) || a.at - b.at || compareText(JSON.stringify(a), JSON.stringify(b));
}

/** By code unit: the same order under every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Later is greater: by number, then by time, then by id. */
export function compareAttempts(a: Attempt, b: Attempt): number {
  return a.attempt - b.attempt || timeOf(a) - timeOf(b) || compareText(a.attemptId, b.attemptId);
}

function timeOf(attempt: Attempt): number {
  return attempt.startedAt ?? attempt.end?.at ?? 0;
}

/** The job is not done and has not failed. */
export function isInterruption(how: AttemptClass): boolean {
  return how === "lost" || how === "cancelled" || how === "checkpoint";
}

/** Interruptions, full disks and files that could not be adopted cost no attempt: the job did not fail. */
export function isFailure(attempt: Attempt): boolean {
  if (attempt.end?.machine !== undefined || attempt.end?.adopting) return false;
  const how = attempt.end?.class;
  return how !== undefined && how !== "ok" && !isInterruption(how);
}

/** Seconds the job itself took: its phase "run" where the worker timed it, else from start to end. undefined: not known. */
export function runSeconds(attempt: Attempt): number | undefined {
  const run = attempt.end?.phases.find((phase) => phase.name === "run");
  if (run) return run.seconds;
  if (!attempt.end || attempt.startedAt === undefined) return undefined;
  return Math.max(0, attempt.end.at - attempt.startedAt) / 1000;
}

export type AttemptEvent = Extract<Event, { type: "attempt-started" | "attempt-finished" }>;
