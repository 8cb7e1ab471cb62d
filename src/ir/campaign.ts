// The Campaign IR: a compiled campaign as plain data. It holds no functions, no paths of this machine and no clock.
// What varies from job to job (paths, parameters, argv) is in the JobTable (expand/table.ts), one column each.
import type { Json, Scalar } from "./json.ts";
import type { JobType, Mode, OutputRef, StageIR } from "./stage.ts";

/** Raised when a reader of version n would misread version n+1. */
export const IR_VERSION = 1;

export interface CampaignIR {
  readonly irVersion: typeof IR_VERSION;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Where `<name>_<version>/` is created; relative to the campaign file's folder unless absolute. Never fingerprinted. */
  readonly base: string;
  /** True: receipts record digests of outputs. Absent: they do not. Never fingerprinted. */
  readonly digests?: boolean;
  /** Resolved campaign variables, by name. */
  readonly variables: Readonly<Record<string, Json>>;
  /** Input listings the module was evaluated with. */
  readonly listings: readonly ListingIR[];
  /** In topological order: a stage comes after every stage it takes inputs from. */
  readonly stages: readonly StageIR[];
  readonly execution: ExecutionIR;
  readonly budget?: BudgetIR;
  /** Absent: all at once. Never fingerprinted. */
  readonly ramp?: RampIR;
  /** What `apply` prints when everything is done. Absent: only counts. */
  readonly report?: ReportIR;
  /** In the order written. Absent: nothing was renamed. Never fingerprinted. */
  readonly moved?: readonly MoveIR[];
}

/** Results that had the one address have the other. Both name the same parts, but `at`, which may be on one side only. */
export interface MoveIR {
  readonly from: AddressIR;
  readonly to: AddressIR;
}

/** Of jobs: a stage, an axis of it, axis values. Of files: an output of a stage. */
export interface AddressIR {
  readonly stage?: string;
  readonly axis?: string;
  readonly at?: Readonly<Record<string, Scalar>>;
  readonly output?: string;
}

export interface ListingIR {
  /** As written in `listing("...")`. */
  readonly name: string;
  readonly pattern: string;
  readonly count: number;
  /** sha256 of the sorted relative paths: names only; size and mtime are observed per job. */
  readonly digest: string;
}

export interface ExecutionIR {
  /** Jobs a batch, unless the stage says otherwise. */
  readonly batchSize: number;
  /** Most workers at once on the local executor. Absent: as many as there are processors. */
  readonly maxWorkers?: number;
  /** Absent: as the site profile says. */
  readonly mode?: Mode;
  /** Default job type of stages that name none. */
  readonly jobType?: JobType;
}

export interface BudgetIR {
  readonly nodeHours?: number;
  readonly bytes?: number;
  readonly inodes?: number;
}

/** How far a plan goes at first, and what has to be fine before it goes further. */
export interface RampIR {
  /** Jobs of each stage without upstream, ascending; the last is "all". At least two. */
  readonly steps: readonly (number | "all")[];
  /** Largest share of finished jobs that may have failed, 0..1. */
  readonly failureRate: number;
  /** Gates, by name, of whatever stage and level. */
  readonly gates: readonly string[];
}

export interface ReportIR {
  /** Text outputs printed at the end, in order. */
  readonly text: readonly OutputRef[];
  /** Figures whose paths are printed. */
  readonly figures: readonly OutputRef[];
}
