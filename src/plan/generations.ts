// When did the data of a result last change although its recipe did not? An input file was replaced, or the result forgotten, and the job
// run again: what was made from the earlier data is stale, also when the apply that began to renew it was killed half-way. Times are the
// workers' clocks.
import { type StageTable, upstreamRows } from "../expand/table.ts";
import type { Attempt } from "../state/attempt.ts";
import { nodeFits } from "../ir/node-version.ts";
import type { FileFact, Receipt } from "../state/receipt.ts";
import { isForgottenAttempt, type JobState } from "../state/job-state.ts";
import type { Draft } from "./draft.ts";
import { successes } from "./history.ts";
import { sameTime } from "./time.ts";

/** Fills `draft.renewedAt` for a stage; upstream stages come first. Jobs with one success have one generation: nothing to do. */
export function generations(draft: Draft, stage: StageTable): void {
  const edges = stage.inputs.filter((column) => column.kind !== "paths");
  for (let i = 0; i < stage.count; i++) {
    const job = draft.jobs[stage.first + i];
    if (!job || job.attempts.length < 2) continue;
    const tries = successes(job);
    if (tries.length < 2) continue;
    const first = firstOfGeneration(
      job,
      tries,
      stage.stage.node,
      Math.max(0, ...edges.map((column) => latestRenewal(draft, upstreamRows(column, i)))),
    );
    if (first > 0) draft.renewedAt.set(stage.first + i, tries[first]!.end!.at);
  }
}

/** Latest renewal among some rows; 0 where there was none. */
export function latestRenewal(draft: Draft, rows: Uint32Array): number {
  if (draft.renewedAt.size === 0) return 0;
  let latest = 0;
  for (const row of rows) latest = Math.max(latest, draft.renewedAt.get(row) ?? 0);
  return latest;
}

function firstOfGeneration(
  job: JobState,
  tries: readonly Attempt[],
  node: string | undefined,
  upstreamRenewed: number,
): number {
  for (let k = tries.length - 1; k > 0; k--) {
    const [before, after] = [tries[k - 1]!, tries[k]!];
    if (isForgottenAttempt(job, before) && !isForgottenAttempt(job, after)) return k;
    const upstreamBetween = startOf(before) < upstreamRenewed && upstreamRenewed <= startOf(after);
    const [old, now] = [before.end!.receipt!, after.end!.receipt!];
    const same = sameInputs(old.inputs, now.inputs) && sameNode(node, old, now) && sameMembers(old, now);
    if (upstreamBetween || !same) return k;
  }
  return 0;
}

export function startOf(attempt: Attempt): number {
  return attempt.startedAt ?? attempt.end?.at ?? 0;
}

/** One Node that fits the declaration is as good as another; where nothing is declared, all are. */
function sameNode(declared: string | undefined, { node: before }: Receipt, { node: after }: Receipt): boolean {
  if (declared === undefined || before === undefined || after === undefined) return true;
  return nodeFits(declared, before) === nodeFits(declared, after);
}

/** A quorum that was gathered again may have other members. */
function sameMembers({ upstreamUsed: before }: Receipt, { upstreamUsed: after }: Receipt): boolean {
  if (before === undefined || after === undefined) return true;
  return before.length === after.length && before.every((key, i) => key === after[i]);
}

function sameInputs(before: readonly FileFact[], after: readonly FileFact[]): boolean {
  return before.length === after.length && before.every((fact, i) => sameFile(fact, after[i]!));
}

function sameFile(a: FileFact, b: FileFact): boolean {
  if (a.path !== b.path) return false;
  if (a.version !== undefined && b.version !== undefined) return a.version === b.version;
  if (a.size !== b.size) return false;
  return a.sha256 !== undefined && b.sha256 !== undefined ? a.sha256 === b.sha256 : sameTime(a.mtime, b.mtime);
}
