// JobState: everything known about one job, derived from its attempts and what people said about it. Values; new facts make a new one.
import { keyStage } from "../ir/key.ts";
import {
  type Attempt,
  type AttemptEvent,
  compareAttempts,
  compareText,
  isFailure,
  withEnd,
  withStart,
} from "./attempt.ts";
import type { EventOf } from "./events.ts";
import type { Receipt, Waiver } from "./receipt.ts";
import type { Word, Words } from "./words.ts";

export interface JobState {
  readonly key: string;
  readonly stage: string;
  /** Oldest first, history included. */
  readonly attempts: readonly Attempt[];
  /** The last attempt that ended ok: the one whose receipt counts. */
  readonly accepted?: Attempt;
  /** Of `accepted`. */
  readonly receipt?: Receipt;
  /** The last attempt, if it has no end: running, or lost without anybody having said so. */
  readonly open?: Attempt;
  /** The last attempt that ended. */
  readonly last?: Attempt;
  /** Failures since the last success or the last retry a person asked for: what `retry.attempts` is compared with. */
  readonly counted: number;
  readonly retries: readonly Retry[];
  /** When the job was last said to have left the campaign. */
  readonly forgottenAt?: number;
  /** The last hold. A retry or release that a person asked for later releases it: see heldFor. */
  readonly held?: { readonly at: number; readonly reason: string; readonly log?: string };
  /** What people accepted, oldest first. Only those of `accepted` count. */
  readonly waivers?: readonly SaidWaiver[];
  /** Blocks, releases and forgotten results. Absent: none was ever said. */
  readonly words?: Words;
}

export interface SaidWaiver extends Waiver {
  readonly at: number;
  readonly user: string;
  readonly reason: string;
}

export interface Retry {
  readonly at: number;
  readonly user: string;
  readonly reason: string;
  /** Highest attempt number that was known then. Absent: attempts that ended before `at` are meant. */
  readonly through?: number;
}

const NONE: readonly never[] = [];

function unknownJob(key: string): JobState {
  return { key, stage: keyStage(key), attempts: NONE, counted: 0, retries: NONE };
}

export function withAttempt(known: JobState | undefined, event: AttemptEvent): JobState {
  const job = known ?? unknownJob(event.key);
  const index = job.attempts.findIndex((attempt) => attempt.attemptId === event.attemptId);
  const before = index < 0 ? undefined : job.attempts[index];
  const after = event.type === "attempt-started" ? withStart(before, event) : withEnd(before, event);
  if (after === before) return job;
  const attempts = index < 0 ? [...job.attempts, after] : job.attempts.with(index, after);
  if (attempts.length > 1) attempts.sort(compareAttempts);
  return summary(job, attempts, job.retries, job.forgottenAt);
}

export function withRetry(
  known: JobState | undefined,
  key: string,
  event: EventOf<"retry-requested">,
  index: number,
): JobState {
  const job = known ?? unknownJob(key);
  const { at, user, reason } = event;
  const retry: Retry = { at, user, reason, through: event.through?.[index] };
  const retries = [...job.retries, retry].sort(
    (a, b) => a.at - b.at || compareText(JSON.stringify(a), JSON.stringify(b)),
  );
  return summary(job, job.attempts, retries, job.forgottenAt);
}

export function withForgotten(known: JobState | undefined, key: string, at: number): JobState {
  const job = known ?? unknownJob(key);
  return summary(job, job.attempts, job.retries, Math.max(at, job.forgottenAt ?? at));
}

export function withHold(
  known: JobState | undefined,
  key: string,
  { at, reason, log }: { readonly at: number; readonly reason: string; readonly log?: string },
): JobState {
  const job = known ?? unknownJob(key);
  const { held } = job;
  // Same for both orders of arrival, also when the clock says the same.
  if (held && (held.at > at || (held.at === at && held.reason >= reason))) return job;
  return { ...job, held: { at, reason, ...(log === undefined ? {} : { log }) } };
}

export function withWaiver(
  known: JobState | undefined,
  waiver: Waiver,
  { at, user, reason }: EventOf<"changes-accepted">,
): JobState {
  const job = known ?? unknownJob(waiver.key);
  const waivers = [...(job.waivers ?? NONE), { ...waiver, at, user, reason }];
  waivers.sort((a, b) => a.at - b.at || compareText(JSON.stringify(a), JSON.stringify(b)));
  return { ...job, waivers };
}

/** Those that are about the result that counts. */
export function waiversOf({ accepted, waivers = NONE }: JobState): readonly SaidWaiver[] {
  return waivers.filter(({ attemptId }) => attemptId === accepted?.attemptId);
}

/** `words` makes new ones of those that are known. */
export function withWords(known: JobState | undefined, key: string, words: (before?: Words) => Words): JobState {
  const job = known ?? unknownJob(key);
  const said = { ...job, words: words(job.words) };
  return summary(said, job.attempts, job.retries, job.forgottenAt);
}

/** Why it is held, if it is: a block goes before a hold, because more lets go of that. */
export function heldFor(job: JobState): string | undefined {
  const block = blockOf(job);
  return block ? blockText(block) : holdFor(job);
}

/** A hold of a tick or a cancellation, no block. */
export function holdFor({ held, retries, last, words }: JobState): string | undefined {
  if (!held || retries.some((retry) => retry.at >= held.at) || (words?.release?.at ?? -1) >= held.at) return undefined;
  return last?.end?.class === "ok" && last.end.at > held.at ? undefined : held.reason;
}

/** The word of the person who wants it not to be run, while it holds. */
export function blockOf({ words }: Pick<JobState, "words">): Word | undefined {
  if (!words?.block || (words.release && words.release.at >= words.block.at)) return undefined;
  return words.block;
}

export function blockText({ user, at, reason }: Word): string {
  return `blocked by ${user} at ${new Date(at).toISOString().slice(0, 19)}Z: ${reason}`;
}

/** True: its result counts no longer. */
export function isForgottenAttempt({ words }: JobState, { attemptId }: Attempt): boolean {
  return words?.forgotten?.includes(attemptId) ?? false;
}

function summary(
  job: JobState,
  attempts: readonly Attempt[],
  retries: readonly Retry[],
  forgottenAt: number | undefined,
): JobState {
  const { key, stage, held, waivers, words } = job;
  const accepted = attempts.findLast((attempt) => attempt.end?.class === "ok" && !isForgottenAttempt(job, attempt));
  const last = attempts.findLast((attempt) => attempt.end !== undefined);
  const newest = attempts.at(-1);
  const open = newest && !newest.end ? newest : undefined;
  const counted = countFailures(attempts, retries);
  const receipt = accepted?.end?.receipt;
  const state = { key, stage, attempts, accepted, receipt, open, last, counted, retries, forgottenAt };
  if (!held && !waivers && !words) return state;
  return {
    ...state,
    ...(held ? { held } : {}),
    ...(waivers ? { waivers } : {}),
    ...(words ? { words } : {}),
  };
}

function countFailures(attempts: readonly Attempt[], retries: readonly Retry[]): number {
  return failuresSince(attempts, retries).length;
}

function failuresSince(attempts: readonly Attempt[], retries: readonly Retry[]): Attempt[] {
  const success = attempts.findLastIndex((attempt) => attempt.end?.class === "ok");
  return attempts
    .slice(success + 1)
    .filter((attempt) => isFailure(attempt) && !retries.some((retry) => forgives(retry, attempt)));
}

function forgives(retry: Retry, attempt: Attempt): boolean {
  return retry.through === undefined ? attempt.end!.at <= retry.at : attempt.attempt <= retry.through;
}

/** Failures that count against this recipe, oldest first: a changed job starts afresh. */
export function failuresOf(job: JobState, recipe: string): readonly Attempt[] {
  return failuresSince(job.attempts, job.retries).filter(
    (attempt) => attempt.recipe === undefined || attempt.recipe === recipe,
  );
}

/** The number of the next attempt. Numbers never restart, so the highest one is the latest whatever the clocks say. */
export function nextAttempt(job: JobState | undefined): number {
  return (job?.attempts.at(-1)?.attempt ?? 0) + 1;
}

/** True: the job left the campaign and nothing was tried since, or a person had all of it forgotten. */
export function isForgotten(job: JobState): boolean {
  const { attempts, forgottenAt } = job;
  if (job.words?.forgotten && attempts.every((attempt) => isForgottenAttempt(job, attempt))) return true;
  return (
    forgottenAt !== undefined && attempts.every((attempt) => (attempt.startedAt ?? attempt.end!.at) <= forgottenAt)
  );
}
