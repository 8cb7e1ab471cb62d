// What a plan costs, as a plain value: it is printed, cached and stored with a plan. How the numbers are come by is cost.ts.
import type { BudgetIR } from "../ir/campaign.ts";

/** Absent `worst`: something in it has no bound. Absent `expected`: there are no receipts to go by. */
export interface Bounds {
  readonly worst?: number;
  readonly expected?: number;
}

/** Bytes or inodes. `least`: what validators insist on; an expectation where nothing was measured. */
export interface Amounts extends Bounds {
  readonly least: number;
}

/** What receipts of a stage measured. */
export interface Measured {
  readonly receipts: number;
  readonly median: number;
  /** The 99th percentile; of fewer than 20 receipts the largest. */
  readonly high: number;
  readonly highIs: "p99" | "max";
}

export interface CostAmounts {
  readonly nodeHours: Bounds;
  readonly coreHours: Bounds;
  readonly gpuHours: Bounds;
  readonly bytes: Amounts;
  readonly inodes: Amounts;
}

/** Of the jobs of one stage that would run. */
export interface StageCost extends CostAmounts {
  readonly stage: string;
  readonly jobs: number;
  /** Seconds; the longest of its jobs. Absent: one of them has none. */
  readonly walltime?: number;
  /** Nodes of all its jobs together. */
  readonly nodes: number;
  /** Seconds of a run. Absent: nothing was measured. */
  readonly seconds?: Measured;
}

/** Used already, or in somebody's hands. */
export interface Used {
  /** By every attempt that ended, failures included. */
  readonly nodeHours: number;
  /** Of results that are there and that this plan does not replace. */
  readonly bytes: number;
  readonly inodes: number;
  /** Worst case of jobs that run or are queued now. */
  readonly underway: { readonly jobs: number } & Pick<CostAmounts, "nodeHours" | "bytes" | "inodes">;
}

export interface PlanCost extends CostAmounts {
  /** Jobs that would run; the expectation of hours covers `expectedJobs` of them (stages that have receipts). */
  readonly runs: number;
  readonly expectedJobs: number;
  readonly fromReceipts: number;
  /** Files that are there and would be written over, and the room that makes. */
  readonly outputsReplaced: number;
  readonly replaced: { readonly bytes: number; readonly inodes: number };
  /** What people count in here: node-hours where jobs name nodes or a budget does, else core-hours. */
  readonly unit: "node" | "core";
  /** Those with jobs to run, in the campaign's order. */
  readonly stages: readonly StageCost[];
  readonly budget?: BudgetIR;
  /** Only where there is a budget to hold it against. */
  readonly used?: Used;
}
