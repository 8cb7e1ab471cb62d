// What a budget has been used for: hours of every attempt that ended, failures included; results that are there; jobs that are underway.
import type { StageTable } from "../expand/table.ts";
import type { Attempt } from "../state/attempt.ts";
import type { JobState } from "../state/reduce.ts";
import type { Used } from "./cost-value.ts";
import type { Draft } from "./draft.ts";
import { inodesOf, outputFact } from "./measured.ts";
import { resourcesIn } from "./resources.ts";
import { type StageBasis, stageCosts, sumCosts } from "./stage-cost.ts";

interface Sum {
  nodeSeconds: number;
  bytes: number;
  inodes: number;
}

export function usedBefore(draft: Draft, basis: StageBasis): Used {
  const { table, state } = draft;
  const sum: Sum = { nodeSeconds: 0, bytes: 0, inodes: 0 };
  for (const stage of table.stages) addStage(sum, draft, stage, basis);
  for (const job of strangers(draft.jobs, state.jobs)) addJob(sum, job, undefined);
  const underway = stageCosts(table.stages, basis, (row) => isUnderway(draft, row));
  const { nodeHours, bytes, inodes } = sumCosts(underway);
  const jobs = underway.reduce((total, stage) => total + stage.jobs, 0);
  const { nodeSeconds, ...there } = sum;
  return { nodeHours: nodeSeconds / 3600, ...there, underway: { jobs, nodeHours, bytes, inodes } };
}

function isUnderway(draft: Draft, row: number): boolean {
  const reason = draft.reason(row);
  return reason === "running" || reason === "queued" || reason === "unresolved";
}

function addStage(sum: Sum, draft: Draft, stage: StageTable, { resolve }: StageBasis): void {
  const resources = resourcesIn(stage, resolve);
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const job = draft.jobs[row];
    if (job) addJob(sum, job, resources(i).walltime);
    const takes = draft.action(row) === "adopt" ? 1 : job?.receipt && draft.runs(row) ? -1 : 0;
    if (takes !== 0) addOutputs(sum, draft, stage, i, takes);
  }
}

/** What is adopted comes to the results (+1). What a run replaces goes from them (-1), to be counted as what it writes. */
function addOutputs(sum: Sum, draft: Draft, { first, stage, outputs }: StageTable, i: number, sign: 1 | -1): void {
  const receipt = draft.jobs[first + i]?.receipt;
  outputs.forEach((column, o) => {
    const path = column.at(i);
    const recorded = receipt && outputFact(receipt.outputs, stage.outputs[o]!.name, o);
    const fact = sign === 1 ? draft.observations.output(path) : recorded?.path === path ? recorded : undefined;
    if (!fact) return;
    sum.bytes += sign * fact.size;
    sum.inodes += sign * inodesOf(fact);
  });
}

/** Jobs that left the campaign: what they used is used, and their files stay. */
function strangers(known: readonly (JobState | undefined)[], all: ReadonlyMap<string, JobState>): readonly JobState[] {
  const count = known.reduce((sum, job) => (job ? sum + 1 : sum), 0);
  if (count === all.size) return [];
  const here = new Set(known);
  return [...all.values()].filter((job) => !here.has(job));
}

function addJob(sum: Sum, { attempts, receipt }: JobState, walltime: number | undefined): void {
  for (const attempt of attempts) sum.nodeSeconds += attemptSeconds(attempt, walltime) * (attempt.nodes ?? 1);
  for (const fact of receipt?.outputs ?? []) {
    sum.bytes += fact.size;
    sum.inodes += inodesOf(fact);
  }
}

/**
 * From start to end as its worker recorded them. Where others wrote the end (its worker was lost, the scheduler ended it), they wrote it
 * when they found out: it lasted no longer than its walltime, and without one nobody knows.
 */
export function attemptSeconds({ startedAt, end }: Attempt, walltime = 0): number {
  if (!end || startedAt === undefined) return 0;
  const elapsed = Math.max(0, end.at - startedAt) / 1000;
  return end.phases.length > 0 ? elapsed : Math.min(elapsed, walltime);
}
