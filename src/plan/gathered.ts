// Pass 4a: results that a quorum was gathered for. Such a result stands for the members it was made from: it is stale when one of those
// changed or left, and not because of a member that was not used. The receipt says which; the journals, with which recipe each was made then.
import { type InputColumn, recipeOf, type StageTable } from "../expand/table.ts";
import { edgeNames, hasQuorum } from "../ir/edges.ts";
import { type Recipe, RECIPE_FIELDS, type RecipeField } from "../ir/job.ts";
import type { Receipt } from "../state/events.ts";
import type { JobState } from "../state/reduce.ts";
import type { Draft } from "./draft.ts";
import { startOf } from "./generations.ts";
import { successes } from "./history.ts";
import { perGroup } from "./lineage.ts";
import type { Detail, Reason } from "./types.ts";

/** Members named in a detail; the rest are counted. */
const NAMED = 3;

const REASON: Readonly<Record<RecipeField, Reason>> = {
  params: "params_changed",
  code: "code_changed",
  inputs: "input_changed",
  environment: "env_changed",
  upstream: "upstream_changed",
};

/** Key -> global row of the upstream jobs of one job. */
export type Members = ReadonlyMap<string, number>;

export function gathered(draft: Draft, stage: StageTable): void {
  const membersOf = quorumMembers(draft, stage);
  if (!membersOf) return;
  const declared = edgeNames(stage.stage.inputs).join(", ");
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const job = draft.jobs[row];
    const receipt = job?.receipt;
    if (!receipt?.upstreamUsed) continue;
    draft.gathered.add(row);
    const before = receipt.upstreamFrom?.join(", ") ?? declared;
    const details: Detail[] =
      before === declared ? [] : [{ type: "field", field: "upstream", path: "upstream", old: before, new: declared }];
    const changes = usedChanges(draft, job!, receipt.upstreamUsed, membersOf(i));
    details.push(...changes.slice(0, NAMED).map(({ key, why }): Detail => ({ type: "upstream", key, why })));
    if (changes.length > NAMED)
      details.push({ type: "note", text: `and ${changes.length - NAMED} more upstream jobs it was made from` });
    if (details.length === 0) continue;
    draft.ground(row, "upstream_changed", details);
    // What it is made from is no part of the recipe alone: what is made of it has to follow whatever its digest says.
    draft.unsettled[row] = 1;
  }
}

/** Undefined: no input of the stage is a quorum. */
export function quorumMembers(draft: Draft, stage: StageTable): ((index: number) => readonly Members[]) | undefined {
  if (!hasQuorum(stage.stage.inputs)) return undefined;
  const edges = stage.inputs.filter((column) => column.kind !== "paths");
  const asks = edges.map((column: InputColumn) =>
    perGroup(column, (rows): Members => new Map([...rows].map((row) => [draft.key(row), row]))),
  );
  return (index) => asks.map((ask) => ask(index));
}

interface Change {
  readonly key: string;
  readonly why: Reason;
}

function usedChanges(draft: Draft, job: JobState, used: readonly string[], members: readonly Members[]): Change[] {
  const made = startOf(job.accepted!);
  return used.flatMap((key): Change[] => {
    const row = members.find((some) => some.has(key))?.get(key);
    const why = row === undefined ? "forget" : memberChange(draft, row, made);
    return why === undefined ? [] : [{ key, why }];
  });
}

/** Why an upstream job is not what it was at a time; undefined: it is. */
function memberChange(draft: Draft, row: number, made: number): Reason | undefined {
  const then = draft.jobs[row] && receiptAt(draft.jobs[row], made);
  if (!then) return draft.reason(row) ?? "new";
  const why = draft.action(row) === "keep" ? undefined : draft.reason(row);
  if (draft.unsettled[row] === 1) return why ?? "input_changed";
  if ((draft.renewedAt.get(row) ?? 0) > made) return "input_changed";
  const now = recipeInForce(draft, row);
  if (then.recipe.digest === now.digest) return undefined;
  return why ?? REASON[RECIPE_FIELDS.find((field) => then.recipe[field] !== now[field]) ?? "upstream"];
}

/** The receipt that counted then. Clocks of hosts differ a little: what was used existed, so the first one is the least. */
function receiptAt(job: JobState, made: number): Receipt | undefined {
  const tries = successes(job);
  return (tries.findLast(({ end }) => end!.at <= made) ?? tries[0])?.end?.receipt;
}

/** A result that is kept is what its receipt says; anything else will be made by what the campaign says. */
function recipeInForce(draft: Draft, row: number): Recipe {
  const receipt = draft.jobs[row]?.receipt;
  if (receipt && draft.action(row) === "keep") return receipt.recipe;
  const stage = draft.stageOf(row);
  return recipeOf(stage, row - stage.first);
}
