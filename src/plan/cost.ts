// What a plan costs: an upper bound from declared walltimes, an expectation from the run times of receipts. Nothing is guessed.
import type { StageTable } from "../expand/table.ts";
import type { ResourcesIR } from "../ir/campaign.ts";
import { runSeconds } from "../state/attempt.ts";
import type { Draft } from "./draft.ts";
import type { PlanCost } from "./types.ts";

export function costOf(draft: Draft): PlanCost {
  let [upper, expected, runs, expectedJobs, fromReceipts, outputsReplaced] = [0, 0, 0, 0, 0, 0];
  let bounded = true;
  for (const stage of draft.table.stages) {
    const running = runningRows(draft, stage);
    if (running.length === 0) continue;
    const times = runTimes(draft, stage);
    const median = medianOf(times);
    fromReceipts += times.length;
    runs += running.length;
    for (const row of running) {
      const { walltime, cpus = 1 } = resourcesOf(stage, row - stage.first);
      if (walltime === undefined) bounded = false;
      else upper += walltime * cpus;
      if (median !== undefined) {
        expected += median * cpus;
        expectedJobs += 1;
      }
      for (const column of stage.outputs)
        if (draft.observations.output(column.at(row - stage.first))) outputsReplaced += 1;
    }
  }
  return {
    ...(bounded && runs > 0 ? { upperCoreHours: upper / 3600 } : {}),
    ...(expectedJobs > 0 ? { expectedCoreHours: expected / 3600 } : {}),
    fromReceipts,
    runs,
    expectedJobs,
    outputsReplaced,
  };
}

/** Stage default and what the job says over it. */
export function resourcesOf(stage: StageTable, index: number): ResourcesIR {
  const own = stage.resources?.at(index);
  return own ? { ...stage.stage.resources, ...(JSON.parse(own) as ResourcesIR) } : stage.stage.resources;
}

function runningRows(draft: Draft, stage: StageTable): number[] {
  const rows: number[] = [];
  for (let row = stage.first; row < stage.first + stage.count; row++) if (draft.runs(row)) rows.push(row);
  return rows;
}

function runTimes(draft: Draft, stage: StageTable): Float64Array {
  const times: number[] = [];
  for (let row = stage.first; row < stage.first + stage.count; row++) {
    const accepted = draft.jobs[row]?.accepted;
    const seconds = accepted && !accepted.end?.receipt?.adopted ? runSeconds(accepted) : undefined;
    if (seconds !== undefined) times.push(seconds);
  }
  return Float64Array.from(times).sort();
}

function medianOf(sorted: Float64Array): number | undefined {
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
