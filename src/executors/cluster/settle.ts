// What follows from what is known of open submissions: who holds which job, which attempts have ended unrecorded, which submissions are over.
// Receipts decide, the scheduler is the second witness, a worker's sign of life the third; absence is never an end. Pure.
import type { TaskJob } from "../../ir/task-line.ts";
import { type Attempt, isInterruption } from "../../state/attempt.ts";
import type { AttemptClass, Event } from "../../state/events.ts";
import type { State } from "../../state/reduce.ts";
import type { SubmissionState } from "../../state/submission.ts";
import type { EndClass } from "../slurm/states.ts";
import type { Sight, Sighting } from "./sight.ts";
import type { Pack } from "./task-file.ts";

export interface OpenSubmission {
  readonly submission: SubmissionState;
  readonly tasks: readonly Pack[];
  /** By task. */
  readonly claims: ReadonlyMap<number, ClaimSign>;
}

export interface ClaimSign {
  /** Its worker has ended and said so, or the task was taken away from whoever might still begin it. */
  readonly ended: boolean;
  /** ms since its last sign of life. */
  readonly silent: number;
}

export interface Hand {
  readonly phase: "queued" | "running" | "unknown";
  /** Why it is queued, or what is unknown. */
  readonly reason?: string;
  readonly node?: string;
  readonly token: string;
}

export interface Settlement {
  /** In order. */
  readonly events: readonly Event[];
  /** Jobs that are in somebody's hands. */
  readonly hands: ReadonlyMap<string, Hand>;
  /** Tasks of which squeue shows nothing: ask accounting. */
  readonly unseen: readonly string[];
  /** Tasks nobody has seen for so long that they are to be taken away, by making their claim. */
  readonly revoke: readonly { readonly token: string; readonly task: number }[];
}

export interface SettleSettings {
  readonly now: number;
  /** ms in which files written elsewhere become visible here. */
  readonly visibility: number;
  /** ms that a submission may take to show up. */
  readonly patience: number;
  /** `silent`: it was asked and does not answer. */
  readonly accounting: "not asked" | "answered" | "silent";
}

/** A worker renews its claim every 30 s. */
const ALIVE_MS = 180_000;

export function settle(
  open: readonly OpenSubmission[],
  state: State,
  sight: Sight,
  settings: SettleSettings,
): Settlement {
  const settlement = { events: [] as Event[], hands: new Map<string, Hand>(), unseen: [] as string[], revoke: [] as { token: string; task: number }[] }; // prettier-ignore
  for (const one of open) settleOne(one, state, sight, settings, settlement);
  return settlement;
}

interface Open extends Settlement {
  readonly events: Event[];
  readonly hands: Map<string, Hand>;
  readonly unseen: string[];
  readonly revoke: { token: string; task: number }[];
}

function settleOne(one: OpenSubmission, state: State, sight: Sight, settings: SettleSettings, out: Open): void {
  const { submission, tasks, claims } = one;
  const { token } = submission;
  const { now } = settings;
  const jobId = sight.jobId(token);
  if (submission.jobId === undefined && jobId !== undefined)
    out.events.push({ type: "submission-answered", at: now, token, jobId });
  let over = true;
  let unseen = false;
  tasks.forEach((jobs, task) => {
    const left = jobs.filter((job) => !isConcluded(job, state));
    if (left.length === 0) return;
    const claim = claims.get(task);
    const seen = sight.task(token, task);
    const next = whatNow(submission, claim, seen, settings);
    if (next.kind === "over") {
      out.events.push(...endOf(left, state, next.sighting, claim !== undefined, now));
      return;
    }
    over = false;
    if (next.hand.phase === "queued") out.events.push(...lose(left, state, "it was put back into the queue", now));
    for (const { key } of left) out.hands.set(key, { ...next.hand, token });
    unseen ||= next.ask === true;
    if (next.revoke) out.revoke.push({ token, task });
  });
  if (unseen) out.unseen.push(token);
  if (over) out.events.push({ type: "submission-over", at: now, token });
}

type Next =
  | { readonly kind: "over"; readonly sighting: Sighting | undefined }
  | { readonly kind: "held"; readonly hand: Omit<Hand, "token">; readonly ask?: boolean; readonly revoke?: boolean };

function whatNow(
  { intended, answeredAt, jobId }: SubmissionState,
  claim: ClaimSign | undefined,
  seen: Sighting | undefined,
  { now, visibility, patience, accounting }: SettleSettings,
): Next {
  if (claim?.ended) return { kind: "over", sighting: seen?.kind === "ended" ? seen : undefined };
  switch (seen?.kind) {
    case "pending":
      return { kind: "held", hand: { phase: "queued", ...(seen.reason ? { reason: seen.reason } : {}) } };
    case "running":
      return { kind: "held", hand: { phase: "running", ...(seen.node ? { node: seen.node } : {}) } };
    case "ended":
      if (seen.at !== undefined && now - seen.at >= visibility) return { kind: "over", sighting: seen };
      if (seen.at === undefined && now - (answeredAt ?? now) >= patience) return { kind: "over", sighting: seen };
      return { kind: "held", hand: { phase: "running", reason: "ended; its records are awaited" } };
    case undefined:
  }
  if (claim && claim.silent < ALIVE_MS)
    return { kind: "held", hand: { phase: "running", reason: "not in the queue, and its worker is alive" } };
  const unknown = (reason: string): Omit<Hand, "token"> => ({ phase: "unknown", reason });
  const age = now - (answeredAt ?? intended?.at ?? now);
  // sacct is asked early for what was accepted: it may have ended between two ticks.
  const ask = accounting === "not asked" && (jobId !== undefined || age >= patience);
  if (age < patience) return { kind: "held", hand: unknown("not seen in the queue yet"), ask };
  if (accounting === "not asked") return { kind: "held", hand: unknown("not in the queue"), ask };
  if (accounting === "silent")
    return { kind: "held", hand: unknown("not in the queue, and accounting does not answer") };
  return { kind: "held", hand: unknown("nobody knows of it"), revoke: true };
}

function attemptsOf({ key, attempt }: TaskJob, state: State): readonly Attempt[] {
  return state.jobs.get(key)?.attempts.filter((known) => known.attempt >= attempt) ?? [];
}

/** It has a receipt, or has failed; what comes next is another attempt. */
export function isConcluded(job: TaskJob, state: State): boolean {
  return attemptsOf(job, state).some(({ end }) => end !== undefined && !isInterruption(end.class));
}

/** The events that a task's end makes true. `left`: its jobs without a conclusive end. */
function endOf(left: Pack, state: State, sighting: Sighting | undefined, claimed: boolean, now: number): Event[] {
  const how = sighting?.kind === "ended" ? sighting : undefined;
  const begun = left.flatMap((job) => attemptsOf(job, state).map((attempt) => ({ key: job.key, attempt })));
  const keys = left.map(({ key }) => key);
  const where = how?.node ? ` on ${how.node}` : "";
  if (how?.class === "cancelled" || how?.class === "deadline" || how?.class === "revoked")
    return [...lose(left, state, `SLURM: ${how.class}${where}`, now, how.class), hold(keys, `cancelled in the queue (SLURM: ${how.class})`, now)]; // prettier-ignore
  if (how && !claimed && begun.length === 0 && NEVER_STARTED.has(how.class))
    return [hold(keys, `SLURM could not start its worker (${how.class}${where}); see the submission's log`, now)];
  const blamed = how && BLAME[how.class];
  // The job that ran last is what used up the memory or the time; the others of the task had ended, or not begun.
  const last = begun.sort((a, b) => (a.attempt.startedAt ?? 0) - (b.attempt.startedAt ?? 0)).at(-1);
  if (!how || !blamed || !last) return lose(left, state, how ? `SLURM: ${how.class}${where}` : "its worker ended without it", now, how?.class); // prettier-ignore
  const message = `${how.class === "oom" ? "killed for memory by SLURM" : "the time limit of its allocation"}${where}`;
  return [
    ...lose(left, state, message, now, how.class, last.attempt.attemptId),
    ended(last.key, last.attempt, blamed, message, now, how.class),
  ];
}

const BLAME: Readonly<Partial<Record<EndClass, AttemptClass>>> = { oom: "oom", timeout: "timeout" };
const NEVER_STARTED: ReadonlySet<EndClass> = new Set(["launch_failure", "failed", "completed"]);

/** Open attempts of jobs nobody works on get an end, so that nothing is called running for ever. */
export function lose(
  jobs: Pack,
  state: State,
  why: string,
  now: number,
  scheduler?: EndClass,
  except?: string,
): Event[] {
  return jobs.flatMap((job) =>
    attemptsOf(job, state)
      .filter(({ end, attemptId }) => end === undefined && attemptId !== except)
      .map((attempt) => ended(job.key, attempt, "lost", why, now, scheduler)),
  );
}

function ended(
  key: string,
  { attempt, attemptId }: Attempt,
  how: AttemptClass,
  message: string,
  at: number,
  scheduler: EndClass | undefined,
): Event {
  const said = scheduler === undefined ? {} : { scheduler };
  return { type: "attempt-finished", at, key, attempt, attemptId, class: how, message, phases: [], ...said };
}

function hold(keys: readonly string[], reason: string, at: number): Event {
  return { type: "jobs-held", at, keys, reason };
}
