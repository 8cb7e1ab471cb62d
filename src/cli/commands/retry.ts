// cmc retry: lets failed and held jobs be tried again, by the next tick where a run is in progress, else by the next apply. Does not take back blocks (release).
import { quoted } from "../../plan/shell.ts";
import { ACTIONS, REASONS } from "../../plan/types.ts";
import { heldFor, nextAttempt } from "../../state/job-state.ts";
import type { Context } from "../context.ts";
import { standingText } from "../format/cluster-status.ts";
import type { Chosen } from "../format/verb.ts";
import { carryOutVerb, type MeantJob, nextRunner, type Said, type Scene, timeAfter, type Verb, type VerbOptions } from "../verb.ts"; // prettier-ignore

const RETRY: Verb = { name: "retry", lock: "patient", careful: false, left: false, choose };

/** Without a selection: every job that is held, by a person, by a tick, or because its tries are exhausted. */
export async function retry(context: Context, args: readonly string[], options: VerbOptions): Promise<number> {
  return carryOutVerb(context, RETRY, args, options);
}

function choose(scene: Scene, { user, reason, now }: Said): Chosen {
  const { state, cluster, named, plan } = scene;
  const isMeant = (job: MeantJob) => isHeld(scene, job) || (named && plan.action[job.row] === AGAIN);
  const keys = scene.jobs.filter(isMeant).map(({ key }) => key);
  const through = keys.map((key) => nextAttempt(state.jobs.get(key)) - 1);
  const at = timeAfter(now, keys, (key) => {
    const job = state.jobs.get(key);
    return Math.max(job?.held?.at ?? 0, job?.words?.forget?.at ?? 0);
  });
  const others = named ? scene.jobs.filter((job) => !isMeant(job)) : [];
  const who = nextRunner(scene, keys);
  return {
    keys,
    ...(keys.length > 0 ? { event: { type: "retry-requested", at, keys, through, user, reason } } : {}),
    did: `Will be retried by the next ${who}`,
    would: "Would retry",
    none: "No failed or held job is meant.",
    passed: others.map((job) => ({ key: job.key, why: whyNot(scene, job) })),
    next: () => [],
    about: (key) => ({ by: cluster.has(key) ? "tick" : "apply" }),
  };
}

/** Tried with what the campaign says now, without a result. */
const AGAIN = ACTIONS.indexOf("retry");
/** Out of tries, or held by a tick or a cancellation. */
const HELD: ReadonlySet<number> = new Set([REASONS.indexOf("attempts_exhausted"), REASONS.indexOf("held")]);

/** The plan leaves alone what is in a scheduler's hands; a run in progress may have given up what a later plan would try. */
function isHeld({ plan, state, cluster, blockOf }: Scene, { row, key }: MeantJob): boolean {
  const job = state.jobs.get(key);
  if (!job || blockOf({ row, key })) return false;
  if (HELD.has(plan.reason[row]!)) return true;
  const running = cluster.get(key)?.standing;
  return running === "failed" || running === "held" || (running !== undefined && heldFor(job) !== undefined);
}

/** What is wrong with retrying it. */
function whyNot({ cluster, blockOf }: Scene, job: MeantJob): string {
  const { key } = job;
  const block = blockOf(job);
  if (block) return `is blocked by ${block.user}: ${block.reason}; \`cmc release . ${quoted(key)} --because "..."\` lets it run.`; // prettier-ignore
  const standing = cluster.get(key)?.standing;
  if (standing !== undefined) return `is neither failed nor held: ${standingText(standing)}, in a run that is in progress.`; // prettier-ignore
  return `has no failed attempt; \`cmc apply --replace ${quoted(key)}\` runs it again.`;
}
