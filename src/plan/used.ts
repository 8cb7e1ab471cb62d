// What a budget has been used for: hours of every attempt that ended, failures included; results that are there; jobs that are underway.
import type { StageTable } from "../expand/table.ts";
import type { Attempt } from "../state/attempt.ts";
import type { OutputFact } from "../state/receipt.ts";
import type { JobState, State } from "../state/reduce.ts";
import type { Used } from "./cost-value.ts";
import type { Draft } from "./draft.ts";
import { inodesOf, outputFact } from "./measured.ts";
import { resourcesIn } from "./resources.ts";
import { type StageBasis, stageCosts, sumCosts } from "./stage-cost.ts";
import type { SeenOutput } from "./types.ts";

interface Sum {
  nodeSeconds: number;
  bytes: number;
  inodes: number;
  /** Attempts whose outputs were renamed: the files are those of another receipt now. */
  readonly moved: ReadonlySet<string>;
}

export function usedBefore(draft: Draft, basis: StageBasis): Used {
  const { table, state } = draft;
  const sum: Sum = { nodeSeconds: 0, bytes: 0, inodes: 0, moved: movedAttempts(state) };
  for (const stage of table.stages) addStage(sum, draft, stage, basis);
  for (const job of strangers(draft.jobs, state.jobs)) addJob(sum, job, undefined);
  const underway = stageCosts(table.stages, basis, (row) => isUnderway(draft, row));
  const { nodeHours, bytes, inodes } = sumCosts(underway);
  const jobs = underway.reduce((total, stage) => total + stage.jobs, 0);
  const underwayCost = { jobs, nodeHours, bytes, inodes };
  return { nodeHours: sum.nodeSeconds / 3600, bytes: sum.bytes, inodes: sum.inodes, underway: underwayCost };
}

function movedAttempts({ jobs }: State): ReadonlySet<string> {
  const moved = new Set<string>();
  for (const { receipt } of jobs.values()) if (receipt?.moved) moved.add(receipt.moved.attemptId);
  return moved;
}

/** Of a result whose files are its own. */
function outputsOf({ moved }: Sum, { accepted, receipt }: JobState): readonly OutputFact[] {
  return receipt && !moved.has(accepted!.attemptId) ? receipt.outputs : [];
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
    if (draft.action(row) === "adopt") addFound(sum, draft, stage, i);
    else if (job?.receipt && draft.runs(row)) takeReplaced(sum, job, stage, i);
  }
}

/** What is adopted comes to the results. */
function addFound(sum: Sum, { observations }: Draft, { outputs }: StageTable, index: number): void {
  for (const column of outputs) {
    const seen = observations.output(column.at(index));
    if (seen) add(sum, seen, 1);
  }
}

/** What a run replaces goes from them: it is counted as what the plan writes. */
function takeReplaced(sum: Sum, job: JobState, { stage, outputs }: StageTable, index: number): void {
  const recorded = outputsOf(sum, job);
  outputs.forEach((column, o) => {
    const fact = outputFact(recorded, stage.outputs[o]!.name, o);
    if (fact?.path === column.at(index)) add(sum, fact, -1);
  });
}

function add(sum: Sum, fact: SeenOutput, sign: 1 | -1): void {
  sum.bytes += sign * fact.size;
  sum.inodes += sign * inodesOf(fact);
}

/** Jobs that left the campaign: what they used is used, and their files stay. */
function strangers(known: readonly (JobState | undefined)[], all: ReadonlyMap<string, JobState>): readonly JobState[] {
  const count = known.reduce((sum, job) => (job ? sum + 1 : sum), 0);
  if (count === all.size) return [];
  const here = new Set(known);
  return [...all.values()].filter((job) => !here.has(job));
}

function addJob(sum: Sum, job: JobState, walltime: number | undefined): void {
  for (const attempt of job.attempts) sum.nodeSeconds += attemptSeconds(attempt, walltime) * (attempt.nodes ?? 1);
  for (const fact of outputsOf(sum, job)) add(sum, fact, 1);
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
