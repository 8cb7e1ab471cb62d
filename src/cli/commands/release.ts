// cmc release: takes back blocks, and holds that ticks or cancellations made. Forgives no failure (retry).
import { planAfter } from "../../plan/foresee.ts";
import { quoted } from "../../plan/shell.ts";
import { REASONS } from "../../plan/types.ts";
import type { EventOf } from "../../state/events.ts";
import { holdFor } from "../../state/job-state.ts";
import type { Context } from "../context.ts";
import { jobs } from "../format/amount.ts";
import type { Chosen } from "../format/verb.ts";
import { carryOutVerb, type MeantJob, nextRunner, type Said, type Scene, type Verb, type VerbOptions } from "../verb.ts"; // prettier-ignore

const RELEASE: Verb = { name: "release", lock: "free", careful: false, left: false, choose };

interface ReleaseOptions extends VerbOptions {
  readonly ramp?: boolean;
}

/** Without a selection: every job that is blocked or held. The ramp is another matter, and no job's. */
export async function release(context: Context, args: readonly string[], options: ReleaseOptions): Promise<number> {
  if (options.ramp) return (await import("./release-ramp.ts")).releaseRamp(context, args, options);
  return carryOutVerb(context, RELEASE, args, options);
}

function choose(scene: Scene, { user, reason, now }: Said): Chosen {
  const { state, named } = scene;
  const holdOf = ({ key }: MeantJob) => (state.jobs.has(key) ? holdFor(state.jobs.get(key)!) : undefined);
  const isHeld = (job: MeantJob) => (scene.blockOf(job) ?? holdOf(job)) !== undefined;
  const held = scene.jobs.filter(isHeld);
  const keys = held.map(({ key }) => key);
  const at = held.reduce((time, job) => Math.max(time, scene.blockOf(job)?.at ?? 0, state.jobs.get(job.key)?.held?.at ?? 0), now); // prettier-ignore
  const event = { type: "release-requested", at, keys, user, reason } as const;
  const others = named ? scene.jobs.filter((job) => !isHeld(job)) : [];
  return {
    keys,
    ...(keys.length > 0 ? { event } : {}),
    did: "Released",
    would: "Would be released",
    none: "No blocked or held job is meant.",
    passed: others.map(({ key }) => ({ key, why: whyNot(scene, key) })),
    next: () => comesNext(scene, held, event),
  };
}

const EXHAUSTED = REASONS.indexOf("attempts_exhausted");

function comesNext(scene: Scene, held: readonly MeantJob[], event: EventOf<"release-requested">): string[] {
  const exhausted = outOfTries(scene, held, event);
  const lines = [`The next ${nextRunner(scene, event.keys)} may run them.`];
  if (exhausted > 0) lines.push(`${jobs(exhausted)} ${exhausted === 1 ? "has" : "have"} no tries left: \`cmc retry\` forgives failures.`); // prettier-ignore
  return lines;
}

function outOfTries(scene: Scene, held: readonly MeantJob[], event: EventOf<"release-requested">): number {
  const failed = held.filter(({ key }) => (scene.state.jobs.get(key)?.counted ?? 0) > 0);
  if (failed.length === 0) return 0;
  const then = planAfter(scene, event);
  return failed.filter(({ row }) => then.reason[row] === EXHAUSTED).length;
}

function whyNot({ state }: Scene, key: string): string {
  const failed = (state.jobs.get(key)?.counted ?? 0) > 0;
  const retry = `\`cmc retry . ${quoted(key)} --because "..."\``;
  return failed ? `is not held: it failed, and ${retry} lets it be tried again.` : "is neither blocked nor held.";
}
