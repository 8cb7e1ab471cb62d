// Pass 1: what the state says of each job. A job without a receipt is new, whatever lies on the disk.
import { pointOf, type StageTable } from "../expand/table.ts";
import { isForgotten, type JobState } from "../state/job-state.ts";
import type { Draft } from "./draft.ts";

export function recall(draft: Draft, stage: StageTable): void {
  const keys = draft.keys(stage);
  const { jobs } = draft.state;
  const { inFlight, live } = draft.observations;
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const key = keys(i);
    const own = jobs.get(key);
    const job = own?.receipt && !isForgotten(own) ? own : (movedTo(draft, stage, i, row) ?? own);
    draft.jobs[row] = job;
    // Files of a job that somebody works on are about to get their receipt.
    const busy = inFlight.has(key) || (live && job?.open !== undefined);
    if (job?.receipt) continue;
    draft.ground(row, "new", busy ? [] : foundOutputs(draft, stage, i));
    // What was made of a result that counts no longer does not stand either.
    if (job?.words?.forgotten) draft.unsettled[row] = 1;
  }
}

/** The job under the key that it had, where its result was made under that. Keys that the campaign still has are no earlier ones. */
function movedTo(draft: Draft, stage: StageTable, index: number, row: number): JobState | undefined {
  if (!draft.moves?.concern(stage.stage.name)) return undefined;
  for (const { key } of draft.moves.before({ stage: stage.stage.name, point: pointOf(stage, index) })) {
    const job = draft.state.jobs.get(key);
    if (!job?.receipt || isForgotten(job) || !draft.takeFrom(key)) continue;
    draft.movedFrom.set(row, key);
    return job;
  }
  return undefined;
}

/** Outputs that are there without a receipt: "found", never "done". */
function foundOutputs(draft: Draft, stage: StageTable, index: number): { type: "found"; paths: string[] }[] {
  const paths: string[] = [];
  for (const column of stage.outputs) {
    const path = column.at(index);
    if (draft.observations.output(path)) paths.push(path);
  }
  if (paths.length === 0) return [];
  draft.found += 1;
  return [{ type: "found", paths }];
}
