// A stage of the Campaign IR: its axes, ports and outputs, how it is run, and what is done when that fails. Plain data, as the campaign (campaign.ts).
import type { RecipeField } from "./job.ts";
import type { Json, Scalar } from "./json.ts";

/** On a cluster: a fixed slice of jobs a task, or long allocations whose workers claim packs of jobs. */
export type Mode = "array" | "pool";

export interface OutputRef {
  readonly stage: string;
  readonly output: string;
}

export interface StageIR {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Outermost first: the order of axes is the order of jobs. */
  readonly axes: readonly AxisIR[];
  readonly inputs: readonly InputIR[];
  readonly outputs: readonly OutputIR[];
  readonly run: RunIR;
  readonly code: CodeIR;
  /** Declared environment facts (modules, container, digests of lock files ...); fingerprinted as they are. */
  readonly environment: Readonly<Record<string, Json>>;
  /** Tasks only: the Node that may run them, as far as it matters (`20`, `20.11`). Absent: any. Compared with receipts, never fingerprinted. */
  readonly node?: string;
  /** Stage default, with the campaign's under it; a job may override it (StageTable.resources). Never fingerprinted. */
  readonly resources: ResourcesIR;
  /** Fields of it that are the campaign's word. Absent: none. */
  readonly inherited?: readonly (keyof ResourcesIR)[];
  readonly retry: RetryIR;
  /** Absent: its jobs write no checkpoints. Never fingerprinted. */
  readonly checkpoint?: CheckpointIR;
  readonly missingInput: MissingInputIR;
  /** What a change of a recipe field comes to; absent: rerun. Never fingerprinted. */
  readonly onChange?: Readonly<Partial<Record<RecipeField, ChangePolicy>>>;
  readonly gates: readonly GateIR[];
  /** Absent: ExecutionIR.batchSize. */
  readonly batchSize?: number;
  /** Absent: ExecutionIR.mode. Never fingerprinted. */
  readonly mode?: Mode;
  /** Where the stage was defined, for messages. `file` is relative to the campaign's folder. */
  readonly definedAt: { readonly file: string; readonly line: number };
}

export type ChangePolicy = "rerun" | "warn" | "ignore";

export interface AxisIR {
  readonly name: string;
  readonly values: readonly Scalar[];
  readonly unit?: string;
}

export type InputIR =
  /** One external file a job. */
  | {
      readonly kind: "file";
      readonly port: string;
      readonly compare: Compare;
      readonly version?: string;
      readonly optional: boolean;
    }
  /** Several external files a job. */
  | {
      readonly kind: "files";
      readonly port: string;
      readonly compare: Compare;
      readonly version?: string;
      readonly optional: boolean;
    }
  /** Outputs of another stage. */
  | {
      readonly kind: "edge";
      readonly port: string;
      readonly from: OutputRef;
      readonly join: "each" | "all" | "quorum";
      /** Axes of the upstream stage that are gathered; empty for `each`. */
      readonly over: readonly string[];
      /** Share of the group, 0 < fraction <= 1, that must have receipts; only with `quorum`. */
      readonly fraction?: number;
    };

/** How an external input is compared with what the receipt recorded. `version` absent there: it depends on the point and is in the JobTable. */
export type Compare = "stat" | "content" | "version";

/** Absent `digest`: CampaignIR.digests. Never fingerprinted. */
export type OutputIR =
  | {
      readonly kind: "hdf5";
      readonly name: string;
      readonly checks: Hdf5ChecksIR;
      readonly size?: SizeIR;
      readonly digest?: boolean;
    }
  | {
      readonly kind: "json";
      readonly name: string;
      readonly schema?: Json;
      readonly size?: SizeIR;
      readonly digest?: boolean;
    }
  | {
      readonly kind: "file";
      readonly name: string;
      readonly size?: SizeIR;
      readonly check?: readonly string[];
      readonly digest?: boolean;
    }
  /** A folder published whole by one rename. */
  | {
      readonly kind: "dir";
      readonly name: string;
      readonly size?: SizeIR;
      readonly check?: readonly string[];
      readonly digest?: boolean;
    };

/** Bytes; absent bound: none. */
export interface SizeIR {
  readonly min?: number;
  readonly max?: number;
}

export interface Hdf5ChecksIR {
  readonly datasets: Readonly<Record<string, DatasetCheckIR>>;
  readonly attributes: Readonly<Record<string, AttributeCheckIR>>;
  /** True: a dataset that is not listed fails validation. */
  readonly exact: boolean;
}

export interface DatasetCheckIR {
  /** NumPy name without byte order: f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 str. Absent: any. */
  readonly dtype?: string;
  /** A number is that extent; a string is a symbol that must have one value throughout the file. Absent: any shape. */
  readonly shape?: readonly (number | string)[];
  /** Least share of finite values, 0..1. Absent: not looked at. */
  readonly finite?: number;
  /** Inclusive bounds on every finite value. */
  readonly range?: { readonly min?: number; readonly max?: number };
  readonly optional?: boolean;
}

export type AttributeCheckIR =
  | { readonly equals: string | number }
  /** Must equal the job's own value: an axis (`redshift`) or a parameter (`params.lgmpMin`); relative tolerance for numbers. */
  | { readonly echo: string; readonly tolerance: number }
  | { readonly exists: true };

export type RunIR =
  /** `entry` names the function as people read it: `tasks/populate.ts#populate`. */
  | { readonly kind: "task"; readonly entry: string }
  | {
      readonly kind: "command";
      /** Variables added to the child's environment. */
      readonly env: Readonly<Record<string, string>>;
      /** Exit codes that mean success; [0] unless said. */
      readonly okExits: readonly number[];
    };

/** The fingerprint of what is executed. */
export interface CodeIR {
  readonly digest: string;
  /** Files whose code reached the digest, by path relative to the campaign's folder (npm packages as `name`), with their own digests: they name the change. */
  readonly sources: readonly { readonly path: string; readonly digest: string }[];
}

export type JobType = "cpu_intensive" | "gpu_intensive" | "memory_intensive" | "io_intensive" | "balanced";

/** Absent means: as the site profile says. */
export interface ResourcesIR {
  readonly jobType?: JobType;
  /** Seconds. The job is killed and classified `timeout` after it. */
  readonly walltime?: number;
  /** Bytes for the whole job. */
  readonly memory?: number;
  readonly cpus?: number;
  readonly gpus?: number;
  readonly nodes?: number;
  readonly tasks?: number;
}

export interface RetryIR {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly backoff: { readonly initial: number; readonly factor: number; readonly max: number };
  /** Tries in all when the last one ended with this exit code, by code. */
  readonly exits?: Readonly<Record<string, number>>;
  /** Factors applied to the resources of the next try. */
  readonly escalate: {
    readonly oom?: { readonly memory: number };
    readonly timeout?: { readonly walltime: number };
  };
}

/** How a job is told that its time is nearly up, and how it says that its next attempt can go on from there. */
export interface CheckpointIR {
  readonly signal: CheckpointSignal;
  /** Seconds before the end. */
  readonly before: number;
  /** Exit code. */
  readonly exit: number;
}

export type CheckpointSignal = "USR1" | "USR2" | "TERM" | "INT" | "HUP";

export interface MissingInputIR {
  readonly policy: "element" | "group" | "quorum" | "fail";
  /** Axes that make a group; only with group and quorum. */
  readonly by: readonly string[];
  readonly fraction?: number;
}

/** A threshold on a metric; inclusive bounds. A metric that was not emitted, or is not finite, fails the gate. */
export interface GateIR {
  readonly name: string;
  readonly metric: string;
  readonly min?: number;
  readonly max?: number;
  readonly equals?: number;
  readonly level: "fail" | "warn";
  readonly description?: string;
}
