// A site: what cmc and a bundle's scripts need to know of one machine. Data in seconds and bytes; as YAML says it: document.ts.
import type { JobType, ResourcesIR } from "../ir/stage.ts";

export type Executor = "local" | "slurm";

/** Where SLURM puts a job. Absent: the scheduler's default. */
export interface Queue {
  readonly account?: string;
  readonly partition?: string;
  readonly qos?: string;
  readonly constraint?: string;
  readonly reservation?: string;
  /** `matlab:2` */
  readonly licenses?: readonly string[];
  readonly mail?: Mail;
  /** Further words of sbatch, as they are: `--exclusive`. */
  readonly options?: readonly string[];
}

export interface Mail {
  /** `END`, `FAIL`, `ARRAY_TASKS` ... */
  readonly types: readonly string[];
  /** Absent: who submits. */
  readonly user?: string;
}

export type SiteResources = Omit<ResourcesIR, "jobType">;

export interface SiteJobType {
  readonly queue: Queue;
  readonly resources: SiteResources;
  /** Absent: the site's. */
  readonly stagger?: number;
}

export type LaneQueue = Pick<Queue, "account" | "partition" | "qos" | "constraint" | "reservation">;

/** A door into the queue; several are filled in list order. Its words replace those of the site and the job type. */
export interface Lane {
  readonly name: string;
  readonly queue: LaneQueue;
  /** Most array tasks and allocations of all my jobs there, other campaigns' too. Absent: no limit known. */
  readonly cap?: number;
  /** Pool allocations to keep in the queue. Absent: as many as there is work for. */
  readonly target?: number;
  /** Absent: jobs of any type. */
  readonly jobTypes?: readonly JobType[];
  /** Of its allocations; unsaid fields are the site's, streams in the same proportion to nodes. */
  readonly pool: PoolShape;
}

export interface PoolShape {
  readonly nodes: number;
  /** Workers of one allocation; a multiple or a divisor of its nodes. */
  readonly streams: number;
  readonly walltime: number;
}

/** Pool mode: allocations whose workers claim packs of jobs until the work or the time is used up. */
export interface Pool extends PoolShape {
  /** auto: stages of short jobs that are more than the queue takes. A stage or campaign may say otherwise. */
  readonly when: "auto" | "always" | "never";
  /** Most allocations of a campaign in the queue at once. */
  readonly maxAllocations: number;
  /** A worker that finds nothing to claim for so long ends. */
  readonly idle: number;
}

export interface Limits {
  /** SLURM's MaxArraySize: larger arrays are submitted in parts. */
  readonly maxArraySize: number;
  /** Array tasks a user may have in the queue. Absent: no limit known. */
  readonly maxSubmit?: number;
  /** Array tasks of one stage that run at once (`--array=...%N`). */
  readonly maxRunning?: number;
  /** No array task is packed, and no retry asks, beyond it. */
  readonly maxWalltime?: number;
  /** Memory of the largest node: no retry asks for more a node. */
  readonly maxMemory?: number;
  /** Node-hours that all that is in the queue may reserve at once: what the account has left. Absent: not known. */
  readonly nodeHours?: number;
  /** A scheduler command that takes longer is given up. */
  readonly submitTimeout: number;
  /** So long the shared file system may hide a file that another node wrote. */
  readonly visibility: number;
  /** A node on which so many attempts were lost is excluded. */
  readonly nodeFailures: number;
  /** Submission stops when more than the share `most` of the last `of` ended attempts failed. */
  readonly failureRate: { readonly most: number; readonly of: number };
}

export interface Site {
  readonly name: string;
  readonly executor: Executor;
  /** Node binary on the compute nodes: a path, or a name that is on PATH after `modules` and `setup`. */
  readonly node: string;
  /** `module load` each, in order. */
  readonly modules: readonly string[];
  /** Shell lines before the worker starts, as they are. */
  readonly setup: readonly string[];
  /** Words before the node binary; before them, `srun` with its options, which starts the workers of pools (launch.ts). */
  readonly launcher: readonly string[];
  /** Node-local folder, with `$VARIABLES` of the compute node. Each worker gets a folder of its own there, CMC_SCRATCH. */
  readonly scratch?: string;
  /** Environment variables that each name a folder of CMC_SCRATCH. */
  readonly caches: readonly string[];
  /** Seconds over which workers that start together are spread. 0: they are not. */
  readonly stagger: number;
  readonly queue: Queue;
  readonly resources: SiteResources;
  readonly jobTypes: Readonly<Partial<Record<JobType, SiteJobType>>>;
  /** Empty: one door, the queue. */
  readonly lanes: readonly Lane[];
  readonly pool: Pool;
  /** Jobs are packed into array tasks of about this many seconds. Absent: a batch is an array task. */
  readonly packTo?: number;
  readonly limits: Limits;
  /** Shared file systems: a campaign root elsewhere is refused. Empty: anywhere. */
  readonly storageRoots: readonly string[];
}
