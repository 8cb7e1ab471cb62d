// Pass 4a: results that a quorum was gathered for. Such a result stands for the members it was made from: it is stale when one of those
// changed or left, and not because of a member that was not used. The receipt says which; the journals, with which recipe each was made then.
import { recipeOf, type StageTable } from "../expand/table.ts";
import { edgeNames, hasQuorum } from "../ir/edges.ts";
import { RECIPE_FIELDS, type RecipeField } from "../ir/job.ts";
import type { JobState } from "../state/reduce.ts";
import type { Draft } from "./draft.ts";
import { acceptedAt } from "./lineage.ts";
import { madeAt, type Members, receiptBefore, rowOf } from "./members.ts";
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

export function gathered(draft: Draft, stage: StageTable): void {
  const members = quorumMembers(draft, stage);
  if (!members) return;
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const job = draft.jobs[row];
    if (!job?.receipt?.upstreamUsed) continue;
    draft.gathered.add(row);
    const details = changesOf(draft, stage, row, job, members(i));
    // What it is made from is no part of the recipe alone: what is made of it has to follow whatever its digest says.
    if (details.length > 0 && draft.change(row, stage, "upstream", "upstream_changed", details))
      draft.unsettled[row] = 1;
  }
}

/** Undefined: no result of the stage was gathered. */
export function quorumMembers(draft: Draft, stage: StageTable): ((index: number) => readonly Members[]) | undefined {
  const { first, count } = stage;
  if (!hasQuorum(stage.stage.inputs)) return undefined;
  const some = draft.jobs.slice(first, first + count).some((job) => job?.receipt?.upstreamUsed);
  return some ? draft.recipes?.membersOf(stage) : undefined;
}

function changesOf(
  draft: Draft,
  { stage, first, recipe }: StageTable,
  row: number,
  job: JobState,
  members: readonly Members[],
): readonly Detail[] {
  const { upstreamUsed = [], upstreamFrom } = job.receipt!;
  const excuse = draft.recipes?.excuse(row, "upstream");
  const same = job.receipt!.recipe.upstream === recipe.upstream.at(row - first);
  const excused = same || (excuse !== undefined && excuse !== "warn");
  const made = Math.max(madeAt(job), acceptedAt(job));
  const changes = upstreamUsed.flatMap((key) => {
    const why = memberChange(draft, rowOf(members, key), made, excused);
    return why === undefined ? [] : [{ type: "upstream", key, why } as const];
  });
  const more = changes.length - NAMED;
  const [before, now] = [upstreamFrom?.join(", "), edgeNames(stage.inputs).join(", ")];
  return [
    ...(excused || before === undefined || before === now
      ? []
      : [{ type: "field", field: "upstream", path: "upstream", old: before, new: now } as const]),
    ...changes.slice(0, NAMED),
    ...(more > 0 ? [{ type: "note", text: `and ${more} more of the upstream jobs it was made from` } as const] : []),
  ];
}

/** Why an upstream job is not what it was when a result was made from it; undefined: it is. `excused`: another recipe does not matter. */
function memberChange(draft: Draft, row: number | undefined, made: number, excused: boolean): Reason | undefined {
  if (row === undefined) return excused ? undefined : "forget";
  const action = draft.action(row);
  const why = action === "keep" || action === "move" ? undefined : draft.reason(row);
  if (draft.unsettled[row] === 1) return why ?? "input_changed";
  if ((draft.renewedAt.get(row) ?? 0) > made) return "input_changed";
  if (excused) return undefined;
  const then = receiptBefore(draft.jobs[row], made);
  if (!then) return why ?? "new";
  const stage = draft.stageOf(row);
  const now = recipeOf(stage, row - stage.first);
  if (then.recipe.digest === now.digest) return undefined;
  return why ?? REASON[RECIPE_FIELDS.find((field) => then.recipe[field] !== now[field]) ?? "upstream"];
}
