// cmc forget: the results of these jobs count no longer. Receipts stay in the history and files where they are; the jobs are new again.
import { planAfter } from "../../plan/foresee.ts";
import { REASONS } from "../../plan/types.ts";
import type { EventOf } from "../../state/events.ts";
import { isForgottenAttempt, type JobState } from "../../state/job-state.ts";
import type { Context } from "../context.ts";
import { jobs } from "../format/amount.ts";
import { count } from "../format/quantity.ts";
import type { Chosen } from "../format/verb.ts";
import { carryOutVerb, type Said, type Scene, timeAfter, type Verb, type VerbOptions } from "../verb.ts";

const FORGET: Verb = { name: "forget", lock: "patient", careful: true, left: true, choose };

export async function forget(context: Context, args: readonly string[], options: VerbOptions): Promise<number> {
  return carryOutVerb(context, FORGET, args, options);
}

function choose(scene: Scene, { user, reason, now }: Said): Chosen {
  const { state, named, plan } = scene;
  const here = scene.jobs.map(({ key }) => ({ key, attempts: results(state.jobs.get(key)) }));
  const gone = scene.left.map((key) => ({ key, attempts: everything(state.jobs.get(key)) }));
  const meant = [...here, ...gone];
  const chosen = meant.filter(({ attempts }) => attempts.length > 0);
  const keys = chosen.map(({ key }) => key);
  const attempts = new Map(chosen.map((one) => [one.key, one.attempts]));
  const at = timeAfter(now, keys, (key) => state.jobs.get(key)?.words?.forget?.at ?? 0);
  const event = { type: "forget-requested", at, keys, attempts: [...attempts.values()], user, reason } as const;
  const moving = scene.jobs.filter(({ row }) => plan.moves.has(row));
  const moved = new Map(moving.map(({ row, key }) => [key, plan.moves.get(row)!.from]));
  const others = meant.filter(({ key, attempts: none }) => none.length === 0 && (named || moved.has(key)));
  return {
    keys,
    ...(keys.length > 0 ? { event } : {}),
    did: "Forgotten",
    would: "Would be forgotten",
    none: "No job with a result is meant.",
    passed: others.map(({ key }) => ({ key, why: whyNot(moved.get(key)) })),
    next: () => comesNext(scene, event, gone.filter((one) => one.attempts.length > 0).length),
    about: (key) => ({ attempts: attempts.get(key)! }),
  };
}

/** `from`: the key it had when its result was made. */
function whyNot(from: string | undefined): string {
  return from === undefined
    ? "has no result to be forgotten."
    : `was ${from}: \`cmc apply\` moves its result, which can be forgotten then.`;
}

/** Attempts whose results count, or would if a later one did not. */
function results(job: JobState | undefined): string[] {
  const ended = job?.attempts.filter((attempt) => attempt.end?.class === "ok" && !isForgottenAttempt(job, attempt));
  return ended?.map(({ attemptId }) => attemptId) ?? [];
}

/** Of a job that left the campaign nothing is to be mentioned any more, failures included. */
function everything(job: JobState | undefined): string[] {
  const known = job?.attempts.filter((attempt) => !isForgottenAttempt(job, attempt));
  return known?.map(({ attemptId }) => attemptId) ?? [];
}

const UPSTREAM_CHANGED = REASONS.indexOf("upstream_changed");

function comesNext(scene: Scene, event: EventOf<"forget-requested">, gone: number): string[] {
  const { table, reason } = scene.plan;
  const then = planAfter(scene, event);
  let after = 0;
  for (let row = 0; row < table.count; row++)
    if (then.reason[row] === UPSTREAM_CHANGED && reason[row] !== UPSTREAM_CHANGED) after += 1;
  const here = event.keys.length - gone;
  const lines = ["Their files stay where they are, and their receipts in the history."];
  if (gone > 0) lines.push(`${count(gone)} of them left the campaign and ${gone === 1 ? "is" : "are"} not mentioned any more.`); // prettier-ignore
  if (here > 0) lines.push(`The plan shows ${here === 1 ? "it" : "them"} as new${after > 0 ? `, and ${jobs(after)} made from them as upstream_changed` : ""}; \`cmc apply\` runs them again, \`cmc apply --adopt\` takes the files that are there.`); // prettier-ignore
  return lines;
}
