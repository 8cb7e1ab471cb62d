// Plan: a value that says what would be done to every job and why. The same value is printed, stored and applied.
import type { JobTable } from "../expand/table.ts";
import type { RecipeField } from "../ir/job.ts";
import type { AttemptClass } from "../state/events.ts";
import type { FileFact, RecipeFields } from "../state/receipt.ts";
import type { PlanCost } from "./cost-value.ts";
import type { Resolve } from "./resources.ts";

export const ACTIONS = [
  "create",
  "rerun",
  "retry",
  "keep",
  "wait",
  "adopt",
  "move",
  "block",
  "hold",
  "forget",
] as const;
export type Action = (typeof ACTIONS)[number];

/** Codes are the contract (docs/reference/plan.md); text is not. */
export const REASONS = [
  "new",
  "params_changed", "code_changed", "input_changed", "env_changed", "upstream_changed",
  "output_missing", "output_changed", "output_invalid", "requested",
  "retry_oom", "retry_timeout", "retry_node_fail", "retry_preempted", "retry_exit", "retry_validation", "retry_missing_input", "retry_lost", "retry_cancelled", "retry_checkpoint",
  "adopt", "moved", "missing_input", "group_incomplete", "quorum_short", "upstream_failed", "upstream_incomplete",
  "attempts_exhausted", "held", "budget", "unresolved", "forget",
  "completed", "running", "queued", "excluded", "ramp",
] as const; // prettier-ignore
export type Reason = (typeof REASONS)[number];

/** What lies behind a reason; one job may have several (params and code). First is the one the plan is grouped by. */
export type Detail =
  /** `params.seed: 17 -> 18`. Absent old: the field is new; absent new: it is gone. Values are shown as JSON. */
  | { readonly type: "field"; readonly field: RecipeField; readonly path: string; readonly old?: string; readonly new?: string }
  | { readonly type: "output"; readonly name: string; readonly path: string; readonly what: "missing" | "files" | "size" | "mtime" | "moved" | "content" | "invalid"; readonly old?: string; readonly new?: string }
  | { readonly type: "input"; readonly port: string; readonly path: string; readonly what: "missing" | "size" | "mtime" | "content" | "version" | "added" | "removed"; readonly old?: string; readonly new?: string }
  | { readonly type: "upstream"; readonly key: string; readonly why: string }
  | { readonly type: "attempt"; readonly attempt: number; readonly class: AttemptClass; readonly message: string }
  /** The result was made as this job. */
  | { readonly type: "moved"; readonly key: string }
  /** Output files are there without a receipt. */
  | { readonly type: "found"; readonly paths: readonly string[] }
  | { readonly type: "group"; readonly label: string; readonly present: number; readonly expected: number; readonly needed: number }
  /** Left out of this plan, by an option or by the open step of the ramp. */
  | { readonly type: "narrowed"; readonly by: NarrowingOption | "ramp"; readonly text: string }
  /** Of a job that stays complete and for which a quorum was gathered. */
  | ({ readonly type: "quorum" } & Gathered)
  | { readonly type: "note"; readonly text: string }; // prettier-ignore

/** What a result was made from, and what else there is by now. */
export interface Gathered {
  readonly port: string;
  /** Upstream. */
  readonly stage: string;
  /** Jobs of it the result was made from, and jobs there are. */
  readonly used: number;
  readonly of: number;
  /** Keys. Not used: those that have a result now, and those that this plan makes. */
  readonly arrived: readonly string[];
  readonly coming: readonly string[];
  /** Used: those that have to be made again and cannot. */
  readonly lost: readonly string[];
}

export interface Plan {
  readonly table: JobTable;
  /** Per global row, index into ACTIONS and REASONS. */
  readonly action: Uint8Array;
  readonly reason: Uint8Array;
  /** Every row with more to say than its reason; the first detail belongs to the reason. Arrays are shared between rows. */
  readonly details: ReadonlyMap<number, readonly Detail[]>;
  /** Jobs in the state that are no longer in the campaign. */
  readonly forget: readonly string[];
  readonly batches: readonly Batch[];
  /** Results that are kept under another key, or at other paths. By row. */
  readonly moves: ReadonlyMap<number, PlannedMove>;
  /** Results that stay, made from an output that has another name now: what the campaign asks for that name alone. By row. */
  readonly renamed: ReadonlyMap<number, RecipeFields>;
  readonly summary: PlanSummary;
  /** Narrowed by --target, --exclude, --canary or --limit: not the whole truth. */
  readonly partial: boolean;
}

export interface PlannedRename {
  /** Of the output, as the stage calls it now. */
  readonly name: string;
  readonly was: string;
  readonly from: string;
  readonly to: string;
}

/** A result that goes on under the key of its row. */
export interface PlannedMove {
  /** Key it has now. */
  readonly from: string;
  /** In the order of the stage's outputs. Paths relative to the campaign root; equal where only the name changes. */
  readonly outputs: readonly PlannedRename[];
  /** What the campaign asks under the new name, where its digests differ for the name alone. */
  readonly stands: RecipeFields;
}

export interface Batch {
  /** `mock-0003`: stage and number; also the name of its job file. */
  readonly id: string;
  readonly stage: string;
  /** Global rows, in the order they are to run. */
  readonly rows: Uint32Array;
}

/** What is printed: small even for a million jobs, and what the plan cache stores. */
export interface PlanSummary {
  readonly campaign: string;
  readonly version: string;
  readonly jobs: number;
  readonly counts: Readonly<Record<Action, number>>;
  readonly groups: readonly PlanGroup[];
  /** Lines that everybody should see: partial plan, dirty tree, found outputs, unused listing entries ... */
  readonly notices: readonly string[];
  /** Not empty: `apply` must not go on. */
  readonly refusals: readonly Refusal[];
  readonly cost: PlanCost;
  /** Free space where the outputs go, seen live: in no cache. Absent: nobody looked, or it cannot be seen. */
  readonly space?: Space;
  /** Narrowed by --target, --exclude, --canary or --limit. */
  readonly partial: boolean;
  /** By which of them, in the order they are applied in. Empty: the whole plan. */
  readonly narrowing: readonly NarrowingUse[];
  /** Absent: the campaign has no ramp. */
  readonly ramp?: RampStanding;
}

export type NarrowingOption = "target" | "exclude" | "canary" | "limit";

export interface NarrowingUse {
  readonly option: NarrowingOption;
  /** As typed: `--limit 3`. */
  readonly given: string;
  /** Jobs it leaves out that would be done without it, or be called blocked. */
  readonly leftOut: number;
  /** What everybody should know of it. */
  readonly note?: string;
}

/** How far the campaign's ramp is. Jobs are counted that the open step adds to the one before. */
export interface RampStanding {
  /** The open step, 1 for the first, and how many there are. */
  readonly step: number;
  readonly steps: number;
  readonly size: number | "all";
  readonly jobs: number;
  /** Done, or held for good. */
  readonly finished: number;
  readonly failed: number;
  /** Running, queued, or failed and to be tried again. */
  readonly begun: number;
  /** Size of the next step. Absent: the last one is open. */
  readonly next?: number | "all";
  /** Jobs that wait for later steps. */
  readonly waiting: number;
  /** Why the next step is closed. Empty: there is none. */
  readonly closed: readonly RampClosed[];
  /** Present where a person opened this step. */
  readonly released?: { readonly at: number; readonly user: string; readonly reason: string };
}

export interface RampClosed {
  readonly why: "unfinished" | "failures" | "gate";
  /** Only with `gate`. */
  readonly gate?: string;
  readonly text: string;
}

/** Why a whole plan is refused; cli/ turns it into the diagnostic of that code. */
export interface Refusal {
  readonly code: "plan/missing-input" | "plan/budget" | "plan/space" | "plan/reservation";
  readonly message: string;
  /** Absent: that of the code. */
  readonly remedy?: string;
}

/** Of the file system of the campaign root; staging/ is on it, too. */
export interface Space {
  /** Bytes that are free for this user. */
  readonly bytes: number;
  /** Absent: the file system does not count them. */
  readonly inodes?: number;
}

export interface PlanGroup {
  readonly stage: string;
  readonly action: Action;
  readonly reason: Reason;
  readonly count: number;
  /** `realization 0..1999 x redshift {1.4, 2}`. */
  readonly range: string;
  readonly example: string;
  /** First detail of the example, if any, and how many jobs of the group have the same one. */
  readonly detail?: Detail;
  readonly sharing?: number;
  /** Further code details of the example: the files that changed. */
  readonly files?: readonly string[];
}

/** A `dir` output is seen as the sum of its files: `files` counts them. */
export type SeenOutput = FileFact & { readonly files?: number };

/** What was seen on disk. Missing entries mean "not there"; a root that could not be read is an error before this. */
export interface Observations {
  /** Files under the campaign root by path relative to it: outputs that exist. */
  output(path: string): SeenOutput | undefined;
  /** External inputs by the path the job names. */
  input(path: string): FileFact | undefined;
  /** True while another apply holds the lock: its started attempts are running, not lost. */
  readonly live: boolean;
  /** Jobs in open submissions. `unresolved`: whether the scheduler took them is not known yet. */
  readonly inFlight: ReadonlyMap<string, "submitted" | "unresolved">;
}

export interface Policy {
  /** Jobs to rerun although nothing changed. */
  readonly replace: (row: number, key: string) => boolean;
  readonly target?: Named;
  readonly exclude?: Named;
  /** One job a stage that can be reached. */
  readonly canary?: boolean;
  readonly limit?: number;
  /** Turn outputs that are there without a receipt into results once their validators pass. */
  readonly adopt: boolean;
  /** Nothing but adoptions, and only of these rows; whatever was tried before. */
  readonly adoptOnly?: (row: number) => boolean;
  /** What jobs ask for on a site. Absent: what the campaign declares. */
  readonly resolve?: Resolve;
}

/** Jobs as a person named them. */
export interface Named {
  /** As typed. */
  readonly text: string;
  readonly has: (row: number) => boolean;
}
