// Pass 4: upstream. A recipe holds the recipes of its upstream jobs, so most of it is one digest; beside that, an upstream job
// that will run again over other data (its external inputs changed, or somebody asked) gives something else under the same recipe.
import { type JobState, waiversOf } from "../state/job-state.ts";
import { type StageTable, upstreamRows } from "../expand/table.ts";
import type { Draft } from "./draft.ts";
import { latestRenewal, startOf } from "./generations.ts";
import { digests } from "./freshness.ts";
import { perGroup } from "./per-group.ts";
import type { Detail } from "./types.ts";

/** Upstream jobs named in a detail; the rest are counted. */
const NAMED = 3;

export function lineage(draft: Draft, stage: StageTable): void {
  const edges = stage.inputs.filter((column) => column.kind !== "paths");
  if (edges.length === 0) return;
  const moving = edges.map((column) => perGroup(column, (rows) => movingDetails(draft, rows)));
  const shaky = edges.map((column) => perGroup(column, (rows) => rows.some((row) => draft.unsettled[row] === 1)));
  const renewed = edges.map((column) => perGroup(column, (rows) => latestRenewal(draft, rows)));
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const job = draft.jobs[row];
    const receipt = job?.receipt;
    if (!receipt || draft.gathered.has(row)) continue;
    const moved = receipt.recipe.upstream !== stage.recipe.upstream.at(i);
    const excuse = draft.recipes?.excuse(row, "upstream");
    const made = Math.max(startOf(job!.accepted!), acceptedAt(job!));
    const outrun = renewed.some((ask) => ask(i) > made);
    const unsettled = shaky.some((ask) => ask(i));
    if (!moved && !unsettled && !outrun && excuse !== "warn") continue;
    const named = moving.flatMap((ask) => ask(i));
    const details =
      named.length > 0
        ? named
        : outrun
          ? edges.flatMap((column) => renewedDetails(draft, upstreamRows(column, i), made))
          : [digests("upstream", "upstream", receipt.recipe.upstream, stage.recipe.upstream.at(i))];
    if (draft.change(row, stage, "upstream", "upstream_changed", details) && (unsettled || outrun))
      draft.unsettled[row] = 1;
  }
}

/** When somebody said that what had changed upstream until then does not matter; 0 where nobody did. */
export function acceptedAt(job: JobState): number {
  if (!job.waivers) return 0;
  return waiversOf(job).reduce(
    (at, waiver) => (waiver.fields.upstream === undefined ? at : Math.max(at, waiver.at)),
    0,
  );
}

/** Upstream jobs that were made again over other data after this one. */
function renewedDetails(draft: Draft, rows: Uint32Array, made: number): readonly Detail[] {
  const later = [...rows].filter((row) => (draft.renewedAt.get(row) ?? 0) > made);
  return later.slice(0, NAMED).map((row) => ({ type: "upstream", key: draft.key(row), why: draft.jobs[row]?.words?.forgotten ? "forget" : "input_changed" })); // prettier-ignore
}

/** Upstream jobs that will run again, and why. */
function movingDetails(draft: Draft, rows: Uint32Array): readonly Detail[] {
  const details: Detail[] = [];
  let count = 0;
  for (const row of rows) {
    const action = draft.action(row);
    if (action === undefined || action === "keep" || action === "move" || action === "wait") continue;
    count += 1;
    if (count <= NAMED) details.push({ type: "upstream", key: draft.key(row), why: draft.reason(row)! });
  }
  if (count > NAMED) details.push({ type: "note", text: `and ${count - NAMED} more upstream jobs` });
  return details;
}
