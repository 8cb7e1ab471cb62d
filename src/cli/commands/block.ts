// cmc block: these jobs are not to be run until somebody says `release`, whatever a plan would do with them. Takes back nothing that runs (cancel).
import type { Context } from "../context.ts";
import { jobs } from "../format/amount.ts";
import type { Chosen } from "../format/verb.ts";
import { carryOutVerb, type Said, type Scene, timeAfter, type Verb, type VerbOptions } from "../verb.ts";

const BLOCK: Verb = { name: "block", lock: "free", careful: true, left: false, choose };

export async function block(context: Context, args: readonly string[], options: VerbOptions): Promise<number> {
  return carryOutVerb(context, BLOCK, args, options);
}

function choose(scene: Scene, { user, reason, now }: Said): Chosen {
  const { state, named, jobs: meant } = scene;
  const blocked = meant.filter((job) => scene.blockOf(job) !== undefined);
  const keys = meant.filter((job) => scene.blockOf(job) === undefined).map(({ key }) => key);
  // A release of the same moment would win.
  const at = timeAfter(now, keys, (key) => (state.jobs.get(key)?.words?.release?.at ?? -1) + 1);
  return {
    keys,
    ...(keys.length > 0 ? { event: { type: "block-requested", at, keys, user, reason } } : {}),
    did: "Blocked",
    would: "Would be blocked",
    none: meant.length > 0 ? "All of them are blocked already." : "No job is meant.",
    passed: named ? blocked.map(({ key }) => ({ key, why: "is blocked already." })) : [],
    next: () => ["Nothing begins them until `cmc release`.", ...inHands(scene, keys)],
  };
}

const IN_HANDS: ReadonlySet<string> = new Set(["running", "queued", "unknown"]);

/** Who may run them all the same. */
function inHands({ cluster, atWork }: Scene, keys: readonly string[]): string[] {
  if (atWork)
    return [`${atWork.command} is at work (pid ${atWork.pid} on ${atWork.host}) and has read its plan before: it may still run them; \`cmc cancel\` stops it.`]; // prettier-ignore
  const taken = keys.filter((key) => IN_HANDS.has(cluster.get(key)?.standing ?? "")).length;
  if (taken === 0) return [];
  const [are, them] = taken === 1 ? ["is", "it"] : ["are", "them"];
  return [
    `${jobs(taken)} ${are} in the scheduler's hands already and may still run; \`cmc cancel\` takes ${them} back.`,
  ];
}
