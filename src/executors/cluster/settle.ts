// What follows from what is known of open submissions: who holds which job, which attempts have ended unrecorded, which submissions are over.
// Receipts decide, the scheduler is the second witness, a worker's sign of life the third; absence is never an end. Pure.
import type { TaskJob } from "../../ir/task-line.ts";
import { type Attempt, isInterruption } from "../../state/attempt.ts";
import type { AttemptClass, Event, EventOf } from "../../state/events.ts";
import type { State } from "../../state/reduce.ts";
import { isCancelled, type SubmissionState } from "../../state/submission.ts";
import type { EndClass } from "../slurm/states.ts";
import type { ClaimSign } from "./look.ts";
import type { Sight, Sighting } from "./sight.ts";
import type { Pack } from "./task-file.ts";

export interface OpenSubmission {
  readonly submission: SubmissionState;
  readonly tasks: readonly Pack[];
  /** By task. */
  readonly claims: Map<number, ClaimSign>;
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
  /** Submissions with tasks of which squeue does not say enough: ask accounting. */
  readonly unseen: readonly string[];
  /** Tasks nobody has seen for so long that they are to be taken away, by making their claim. */
  readonly revoke: readonly TaskOf[];
  /** Tasks that ended with jobs left: to be closed when the events are on disk, so that neither SLURM nor a later turn takes them up again. */
  readonly close: readonly TaskOf[];
}

export interface TaskOf {
  readonly token: string;
  readonly task: number;
}

export interface SettleSettings {
  readonly now: number;
  /** When the journals began to be read: what was recorded before is known. */
  readonly readAt: number;
  /** ms in which files written elsewhere become visible here. */
  readonly visibility: number;
  /** ms that a submission may take to show up. */
  readonly patience: number;
  /** ms of silence after which a worker is not taken to be alive. */
  readonly alive: number;
  /** `silent`: it was asked and does not answer. */
  readonly accounting: "not asked" | "answered" | "silent";
}

export function settle(
  open: readonly OpenSubmission[],
  state: State,
  sight: Sight,
  settings: SettleSettings,
): Settlement {
  const settlement: Open = { events: [], hands: new Map(), unseen: [], revoke: [], close: [] };
  for (const one of open) settleOne(one, state, sight, settings, settlement);
  return settlement;
}

interface Open extends Settlement {
  readonly events: Event[];
  readonly hands: Map<string, Hand>;
  readonly unseen: string[];
  readonly revoke: TaskOf[];
  readonly close: TaskOf[];
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
    const claim = claims.get(task);
    // Its jobs are others' by now.
    if (claim?.closed) return;
    const left = jobs.filter((job) => !isConcluded(job, state));
    if (left.length === 0) return;
    const next = whatNow(submission, claim, sight.task(token, task), settings);
    if (next.kind === "over") {
      out.events.push(...endOf({ token, task }, left, state, next.sighting, claim !== undefined, now));
      out.close.push({ token, task });
      return;
    }
    over = false;
    if (next.requeued) {
      const lost = lose(left, state, "it was put back into the queue", now, next.requeued);
      // squeue does not say why: a node that failed is to be known.
      if (lost.length > 0 && settings.accounting === "not asked") unseen = true;
      out.events.push(...lost);
    }
    for (const { key } of left) out.hands.set(key, { ...next.hand, token });
    unseen ||= next.ask === true;
    if (next.revoke) out.revoke.push({ token, task });
  });
  if (unseen) out.unseen.push(token);
  if (over) out.events.push({ type: "submission-over", at: now, token });
}

type Next =
  | { readonly kind: "over"; readonly sighting?: Extract<Sighting, { kind: "ended" }> }
  | {
      readonly kind: "held";
      readonly hand: Omit<Hand, "token">;
      readonly ask?: boolean;
      readonly revoke?: boolean;
      /** It waits to be started again: whoever ran has ended, so. */
      readonly requeued?: EndClass;
    };

/** What SLURM has lost touch with may be alive. */
const OUT_OF_REACH: ReadonlySet<EndClass> = new Set(["node_fail", "boot_fail"]);

function whatNow(
  { intended, answeredAt, jobId }: SubmissionState,
  claim: ClaimSign | undefined,
  seen: Sighting | undefined,
  settings: SettleSettings,
): Next {
  const { now, readAt, visibility, patience, accounting } = settings;
  const age = now - (answeredAt ?? intended?.at ?? now);
  const alive = claim !== undefined && !claim.ended && claim.silent < settings.alive;
  const running = (reason: string): Next => ({ kind: "held", hand: { phase: "running", reason } });
  // A claim that has ended is no end while the task is in the queue: SLURM may start it again under the same claim.
  switch (seen?.kind) {
    case "pending":
      return { kind: "held", hand: { phase: "queued", ...(seen.reason ? { reason: seen.reason } : {}) }, requeued: seen.after ?? "requeued" }; // prettier-ignore
    case "running":
      return { kind: "held", hand: { phase: "running", ...(seen.node ? { node: seen.node } : {}) } };
    case "ended":
      if (alive && OUT_OF_REACH.has(seen.class)) return running("its node failed, and its worker is alive");
      if (seen.at === undefined ? age >= patience : readAt - seen.at >= visibility)
        return { kind: "over", sighting: seen };
      return running("ended; its records are awaited");
    case undefined:
  }
  if (alive) return running("not in the queue, and its worker is alive");
  const unknown = (reason: string): Omit<Hand, "token"> => ({ phase: "unknown", reason });
  if (accounting === "not asked") {
    // Early for what was accepted: it may have ended between two ticks.
    const ask = jobId !== undefined || claim !== undefined || age >= patience;
    return { kind: "held", hand: unknown(age < patience ? "not seen in the queue yet" : "not in the queue"), ask };
  }
  if (claim?.ended) return claim.silent < visibility ? running("ended; its records are awaited") : { kind: "over" };
  if (age < patience) return { kind: "held", hand: unknown("not seen in the queue yet") };
  if (accounting === "silent")
    return { kind: "held", hand: unknown("not in the queue, and accounting does not answer") };
  return claim ? { kind: "over" } : { kind: "held", hand: unknown("nobody knows of it"), revoke: true };
}

function attemptsOf({ key, attempt }: TaskJob, state: State): readonly Attempt[] {
  return state.jobs.get(key)?.attempts.filter((known) => known.attempt >= attempt) ?? [];
}

/** It has a receipt, or has failed; what comes next is another attempt. */
export function isConcluded(job: TaskJob, state: State): boolean {
  return attemptsOf(job, state).some(({ end }) => end !== undefined && !isInterruption(end.class));
}

/** The events that a task's end makes true. `left`: its jobs without a conclusive end. */
function endOf(
  { token, task }: TaskOf,
  left: Pack,
  state: State,
  how: Extract<Sighting, { kind: "ended" }> | undefined,
  claimed: boolean,
  now: number,
): Event[] {
  const begun = left.flatMap((job) => attemptsOf(job, state).map((attempt) => ({ key: job.key, attempt })));
  const keys = left.map(({ key }) => key);
  const where = how?.node ? ` on ${how.node}` : "";
  if (how && BY_HAND.has(how.class)) {
    const lost = lose(left, state, `SLURM: ${how.class}${where}`, now, how.class);
    // Who is held was said when cmc cancelled it.
    const ours = isCancelled(state.submissions.get(token), task);
    return ours ? lost : [...lost, hold(keys, `cancelled in the queue (SLURM: ${how.class})`, now)];
  }
  if (how && !claimed && begun.length === 0 && NEVER_STARTED.has(how.class))
    return [{ ...hold(keys, `SLURM could not start its worker (${how.class}${where}); see logs/${token}.slurm`, now), log: `logs/${token}.slurm` }]; // prettier-ignore
  const blamed = how && BLAME[how.class];
  // The job that ran last is what used up the memory or the time; the others of the task had ended, or not begun.
  const last = begun.sort((a, b) => (a.attempt.startedAt ?? 0) - (b.attempt.startedAt ?? 0)).at(-1);
  // Counted, or a worker that ends before it begins anything would be sent again for ever.
  if (!last && (claimed || how))
    return [ended(left[0]!.key, { attempt: left[0]!.attempt, attemptId: `${token}.${task}` }, "lost", `its worker ended${where} before it began anything`, now, how?.class)]; // prettier-ignore
  if (!how || !blamed || !last) return lose(left, state, how ? `SLURM: ${how.class}${where}` : "its worker ended without it", now, how?.class); // prettier-ignore
  const message = `${how.class === "oom" ? "killed for memory by SLURM" : "the time limit of its allocation"}${where}`;
  return [
    ...lose(left, state, message, now, how.class, last.attempt.attemptId),
    ended(last.key, last.attempt, blamed, message, now, how.class),
  ];
}

const BY_HAND: ReadonlySet<EndClass> = new Set(["cancelled", "deadline", "revoked"]);
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

function hold(keys: readonly string[], reason: string, at: number): EventOf<"jobs-held"> {
  return { type: "jobs-held", at, keys, reason };
}
