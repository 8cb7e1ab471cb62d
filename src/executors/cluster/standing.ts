// Where each job of a docket stands: done, in somebody's hands, ready, waiting, or finally not to be run. Pure.
import type { ResourcesIR } from "../../ir/stage.ts";
import type { Attempt } from "../../state/attempt.ts";
import { failuresOf, heldFor, isForgottenAttempt, type JobState } from "../../state/job-state.ts";
import type { State } from "../../state/reduce.ts";
import { escalated, verdict } from "../retry.ts";
import type { Docket, DocketJob, Need } from "./docket.ts";
import type { RunFile } from "./run-file.ts";

export type Standing =
  | { readonly kind: "done" }
  /** In an open submission. */
  | { readonly kind: "taken" }
  | { readonly kind: "ready"; readonly attempt: number; readonly failedBefore: boolean; readonly resources?: ResourcesIR; readonly omit: readonly string[] }
  /** Failed, and to be tried again at this time (ms). */
  | { readonly kind: "backoff"; readonly until: number }
  /** Something it needs is not there yet. */
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "held"; readonly why: string }
  /** Something it needs will not come. */
  | { readonly kind: "blocked"; readonly by: string }; // prettier-ignore

export type Standings = ReadonlyMap<string, Standing>;

export interface Ceilings {
  /** Bytes a node; Infinity: not known. */
  readonly memory: number;
  /** Seconds. */
  readonly walltime: number;
}

/** A job whose workers die again and again is taken for what kills them. */
const MOST_LOST = 10;
/** What others did to it says nothing of the job. */
const OTHERS_DOING: ReadonlySet<string> = new Set(["preempted", "requeued", "cancelled", "revoked", "deadline"]);

type Stale = NonNullable<RunFile["stale"]>;
const NONE_STALE: Stale = {};

/** @param taken keys of jobs in open submissions */
export function standingsOf(
  { jobs, run }: Docket,
  state: State,
  taken: ReadonlySet<string>,
  ceilings: Ceilings,
  now: number,
): Standings {
  const standings = new Map<string, Standing>();
  for (const job of jobs)
    standings.set(job.key, standingOf(job, state, standings, run.stale ?? NONE_STALE, taken, ceilings, now));
  return standings;
}

function standingOf(
  job: DocketJob,
  state: State,
  upstream: Standings,
  stale: Stale,
  taken: ReadonlySet<string>,
  ceilings: Ceilings,
  now: number,
): Standing {
  const known = state.jobs.get(job.key);
  const attempts = known?.attempts.filter(({ attempt }) => attempt >= job.first) ?? [];
  const results = attempts.filter(({ end }) => end?.class === "ok");
  if (results.some((attempt) => !isForgottenAttempt(known!, attempt))) return { kind: "done" };
  if (taken.has(job.key)) return { kind: "taken" };
  const held = known && (heldFor(known) ?? (results.length > 0 ? forgottenFor(known) : undefined));
  if (held !== undefined) return { kind: "held", why: held };
  const trouble = known ? troubleOf(job, known, attempts, now) : undefined;
  if (trouble) return trouble;
  const omit: string[] = [];
  let waiting = false;
  for (const need of job.needs) {
    const verdict = judge(need, state, upstream, stale);
    if (verdict.blockedBy !== undefined) return { kind: "blocked", by: verdict.blockedBy };
    waiting ||= verdict.waiting;
    omit.push(...verdict.missing);
  }
  if (waiting) return { kind: "waiting" };
  const attempt = Math.max(job.first, (known?.attempts.at(-1)?.attempt ?? 0) + 1);
  const resources = known && moreFor(job, known, ceilings);
  const failedBefore = known !== undefined && countedFailures(job, known).length > 0;
  return { kind: "ready", attempt, failedBefore, omit, ...(resources ? { resources } : {}) };
}

/** A result of this run that a person had forgotten: what runs again is a matter of the next plan, or of a retry. */
function forgottenFor({ words, retries }: JobState): string | undefined {
  const { user, reason, at } = words!.forget!;
  if (retries.some((retry) => retry.at >= at)) return undefined;
  return `its result was forgotten by ${user}: ${reason}; the next apply plans it`;
}

/** Undefined: it may be tried (again). */
function troubleOf(job: DocketJob, known: JobState, attempts: readonly Attempt[], now: number): Standing | undefined {
  const failures = countedFailures(job, known);
  const last = failures.at(-1);
  if (last?.end) {
    const again = verdict(job.stage.retry, failures.map(({ end }) => end!)); // prettier-ignore
    if (!again.again) return { kind: "failed", why: last.end.message };
    const until = last.end.at + again.seconds * 1000;
    if (until > now) return { kind: "backoff", until };
  }
  const lost = attempts.filter(({ end }) => end?.class === "lost" && !OTHERS_DOING.has(end.scheduler ?? "")).length;
  const forgiven = known.retries.some((retry) => retry.at > (attempts.at(-1)?.end?.at ?? 0));
  return lost >= MOST_LOST && !forgiven
    ? { kind: "failed", why: `its worker was lost ${lost} times; the job itself may be what ends them` }
    : undefined;
}

function countedFailures(job: DocketJob, known: JobState): readonly Attempt[] {
  return failuresOf(known, job.recipe).filter(({ attempt }) => attempt >= job.first);
}

/** More memory after an oom, more time after a timeout, never more than there is. Undefined: as declared. */
function moreFor(job: DocketJob, known: JobState, ceilings: Ceilings): ResourcesIR | undefined {
  const failures = countedFailures(job, known).map(({ end }) => end!);
  const more = escalated(job.resources, job.stage.retry, failures, ceilings.memory);
  const walltime = more.walltime === undefined ? undefined : Math.min(more.walltime, ceilings.walltime);
  const changed = {
    ...(more.memory === job.resources.memory ? {} : { memory: more.memory! }),
    ...(walltime === undefined || walltime === job.resources.walltime ? {} : { walltime }),
  };
  return Object.keys(changed).length === 0 ? undefined : changed;
}

interface Judged {
  readonly waiting: boolean;
  readonly missing: readonly string[];
  readonly blockedBy?: string;
}

/** A quorum waits until nothing more can come: more members make a better result than an earlier one. */
function judge({ keys, needed, quorum }: Need, state: State, upstream: Standings, stale: Stale): Judged {
  const missing: string[] = [];
  let pending = 0;
  let lost: string | undefined;
  for (const key of keys) {
    const standing = upstream.get(key);
    // Not planned: what it made earlier is as good as planned, unless the plan knew better.
    if (standing ? standing.kind === "done" : (state.jobs.get(key)?.accepted?.attempt ?? 0) >= (stale[key] ?? 1))
      continue;
    missing.push(key);
    if (!standing || ["failed", "held", "blocked"].includes(standing.kind)) lost ??= key;
    else pending += 1;
  }
  const gone = missing.length - pending;
  if (keys.length - gone < needed) return { waiting: false, missing, blockedBy: lost! };
  return { waiting: pending > 0, missing: quorum ? missing : [] };
}
