// What a plan costs: an upper bound from what is declared, an expectation from what receipts measured, and what is used already.
import type { StageTable } from "../expand/table.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import type { PlanCost, StageCost } from "./cost-value.ts";
import type { Draft } from "./draft.ts";
import { inodesOf } from "./measured.ts";
import { type Resolve, resourcesIn } from "./resources.ts";
import { type StageBasis, stageCosts, sumCosts } from "./stage-cost.ts";
import { usedBefore } from "./used.ts";

export function costOf(draft: Draft): PlanCost {
  const { table, policy } = draft;
  const { campaign } = table;
  const basis: StageBasis = { jobs: draft.jobs, ...(policy.resolve ? { resolve: policy.resolve } : {}) };
  const stages = stageCosts(table.stages, basis, (row) => draft.runs(row));
  const replaced = { files: 0, bytes: 0, inodes: 0 };
  for (const stage of table.stages) addReplaced(replaced, draft, stage);
  const { budget } = campaign;
  return {
    ...priceOf(campaign, table.stages, stages, policy.resolve),
    outputsReplaced: replaced.files,
    replaced: { bytes: replaced.bytes, inodes: replaced.inodes },
    ...(budget ? { budget, used: usedBefore(draft, basis) } : {}),
  };
}

/** Of jobs that replace nothing. */
export function priceOf(
  campaign: CampaignIR,
  tables: readonly StageTable[],
  stages: readonly StageCost[],
  resolve?: Resolve,
): PlanCost {
  const measured = stages.filter(({ seconds }) => seconds !== undefined);
  return {
    runs: stages.reduce((sum, { jobs }) => sum + jobs, 0),
    expectedJobs: measured.reduce((sum, { jobs }) => sum + jobs, 0),
    fromReceipts: measured.reduce((sum, { seconds }) => sum + seconds!.receipts, 0),
    outputsReplaced: 0,
    replaced: { bytes: 0, inodes: 0 },
    unit: campaign.budget?.nodeHours !== undefined || tables.some((table) => namesNodes(table, resolve)) ? "node" : "core", // prettier-ignore
    ...sumCosts(stages),
    stages,
  };
}

/** The first job speaks for its stage: who counts in nodes does so throughout. */
function namesNodes(table: StageTable, resolve: Resolve | undefined): boolean {
  return table.count > 0 && resourcesIn(table, resolve)(0).nodes !== undefined;
}

function addReplaced(to: { files: number; bytes: number; inodes: number }, draft: Draft, stage: StageTable): void {
  for (let i = 0; i < stage.count; i++) {
    if (!draft.runs(stage.first + i)) continue;
    for (const column of stage.outputs) {
      const seen = draft.observations.output(column.at(i));
      if (!seen) continue;
      to.files += 1;
      to.bytes += seen.size;
      to.inodes += inodesOf(seen);
    }
  }
}
