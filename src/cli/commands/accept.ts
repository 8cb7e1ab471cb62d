// cmc accept: what changed does not matter for these jobs. Their results go on counting, with the fingerprint they were made by; the next change counts.
import { accept as accepted } from "../../plan/accept.ts";
import { ACTIONS, REASONS } from "../../plan/types.ts";
import type { Waiver } from "../../state/receipt.ts";
import type { Context } from "../context.ts";
import { jobs } from "../format/amount.ts";
import type { Chosen } from "../format/verb.ts";
import { carryOutVerb, type Said, type Scene, timeAfter, type Verb, type VerbOptions } from "../verb.ts";

const ACCEPT: Verb = { name: "accept", lock: "patient", careful: true, left: false, choose };

export async function accept(context: Context, args: readonly string[], options: VerbOptions): Promise<number> {
  return carryOutVerb(context, ACCEPT, args, options);
}

function choose(scene: Scene, { user, reason, now }: Said): Chosen {
  const { state, named } = scene;
  const { waivers, plan } = accepted(
    scene,
    scene.jobs.map(({ row }) => row),
  );
  const byKey = new Map(waivers.map((waiver) => [waiver.key, waiver]));
  const keys = [...byKey.keys()];
  // After what was made: a waiver of upstream changes answers all of them until then.
  const at = timeAfter(now, keys, (key) => state.jobs.get(key)?.accepted?.end?.at ?? 0);
  const event = { type: "changes-accepted", at, user, reason, waivers } as const;
  const rows = scene.jobs.filter(({ key }) => byKey.has(key)).map(({ row }) => row);
  const still = rows.filter((row) => plan.action[row] !== KEEP);
  return {
    keys,
    ...(keys.length > 0 ? { event } : {}),
    did: "Accepted",
    would: "Would be accepted",
    none: "No job is meant that has a result and changed.",
    passed: scene.jobs.flatMap((job) =>
      named && !byKey.has(job.key) ? [{ key: job.key, why: whyNot(scene, job) }] : [],
    ),
    next: () => comesNext(scene, still, plan),
    about: (key) => about(byKey.get(key)!),
  };
}

const KEEP = ACTIONS.indexOf("keep");
const MOVE = ACTIONS.indexOf("move");

function about({ fields, inputs = [] }: Waiver): object {
  return { fields: Object.keys(fields), inputs: inputs.map(({ path }) => path) };
}

function comesNext({ plan: now, jobs: meant }: Scene, still: readonly number[], then: Scene["plan"]): string[] {
  const isKept = (row: number) => then.action[row] === KEEP;
  const chosen = new Set(meant.map(({ row }) => row));
  let below = 0;
  for (let row = 0; row < then.table.count; row++) if (!chosen.has(row) && isKept(row) && now.action[row] !== KEEP) below += 1; // prettier-ignore
  const lines = ["Their results are kept with the fingerprint they were made by; another change counts again."];
  if (below > 0) lines.push(`${jobs(below)} made from them ${below === 1 ? "is" : "are"} kept with them.`);
  if (still.length > 0)
    lines.push(`${jobs(still.length)} of them ${still.length === 1 ? "runs" : "run"} all the same, for what is no change of a recipe: ${reasonsOf(then, still)}.`); // prettier-ignore
  return lines;
}

function reasonsOf({ reason }: Scene["plan"], rows: readonly number[]): string {
  return [...new Set(rows.map((row) => REASONS[reason[row]!]!))].join(", ");
}

function whyNot({ plan, state }: Scene, { row, key }: Scene["jobs"][number]): string {
  if (plan.action[row] === MOVE) return "is moved first: apply the plan, then accept what differs.";
  if (!state.jobs.get(key)?.receipt) return "has no result: there is nothing to keep.";
  return plan.action[row] === KEEP
    ? "has not changed."
    : "has changed in nothing that can be accepted: `cmc explain` says why it runs.";
}
