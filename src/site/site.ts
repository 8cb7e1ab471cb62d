// A site: what one machine's scripts need to know (queue, resources by job type, set-up, limits). Data; loading is in load.ts.
import { parseDuration, parseSize } from "../author/units.ts";
import type { JobType, ResourcesIR } from "../ir/campaign.ts";

/** Where SLURM puts a job. Absent: the scheduler's default. */
export interface Queue {
  readonly account?: string;
  readonly partition?: string;
  readonly qos?: string;
  readonly constraint?: string;
}

export type SiteResources = Omit<ResourcesIR, "jobType">;

export interface SiteJobType {
  readonly queue: Queue;
  readonly resources: SiteResources;
}

export interface Site {
  readonly name: string;
  /** Node binary on the compute nodes: a path, or a name that is on PATH after `modules` and `setup`. */
  readonly node: string;
  /** `module load` each, in order. */
  readonly modules: readonly string[];
  /** Shell lines before the worker starts, as they are. */
  readonly setup: readonly string[];
  /** Words before the node binary, e.g. `[srun, --ntasks=1]`. */
  readonly launcher: readonly string[];
  readonly queue: Queue;
  readonly resources: SiteResources;
  readonly jobTypes: Readonly<Partial<Record<JobType, SiteJobType>>>;
  /** Jobs are packed into array tasks of about this many seconds. Absent: a batch is an array task. */
  readonly packTo?: number;
  readonly limits: {
    /** SLURM's MaxArraySize: larger arrays are submitted in parts. */
    readonly maxArraySize: number;
    /** Array tasks a user may have in the queue: jobs are packed until they fit. */
    readonly maxSubmit?: number;
    /** Array tasks of one stage that run at once (`--array=...%N`). */
    readonly maxRunning?: number;
    /** Seconds; no array task is packed beyond it. */
    readonly maxWalltime?: number;
  };
  /** Shared file systems: submit.sh refuses a campaign root elsewhere. Empty: anywhere. */
  readonly storageRoots: readonly string[];
}

/** A profile as the YAML says it, after `extends` is resolved. */
export interface SiteDocument {
  readonly extends?: string;
  readonly node?: string;
  readonly modules?: readonly string[];
  readonly setup?: readonly string[];
  readonly launcher?: readonly string[];
  readonly queue?: Queue;
  readonly resources?: ResourcesDocument;
  readonly jobTypes?: Readonly<
    Partial<Record<JobType, { readonly queue?: Queue; readonly resources?: ResourcesDocument }>>
  >;
  readonly packTo?: string;
  readonly limits?: {
    readonly maxArraySize?: number;
    readonly maxSubmit?: number;
    readonly maxRunning?: number;
    readonly maxWalltime?: string;
  };
  readonly storage?: { readonly roots?: readonly string[] };
}

interface ResourcesDocument extends Omit<SiteResources, "walltime" | "memory"> {
  readonly walltime?: string;
  readonly memory?: string;
}

/** MaxArraySize of SLURM as delivered is 1001: the highest index is 1000. */
const DEFAULT_ARRAY_SIZE = 1001;

export function siteFrom(name: string, document: SiteDocument): Site {
  const { limits = {} } = document;
  const jobTypes = Object.entries(document.jobTypes ?? {}).map(([type, { queue = {}, resources = {} }]) => [
    type,
    { queue, resources: resourcesFrom(resources) },
  ]);
  return {
    name,
    node: document.node ?? "node",
    modules: document.modules ?? [],
    setup: document.setup ?? [],
    launcher: document.launcher ?? [],
    queue: document.queue ?? {},
    resources: resourcesFrom(document.resources ?? {}),
    jobTypes: Object.fromEntries(jobTypes) as Site["jobTypes"],
    ...(document.packTo ? { packTo: parseDuration(document.packTo)! } : {}),
    limits: {
      maxArraySize: limits.maxArraySize ?? DEFAULT_ARRAY_SIZE,
      ...(limits.maxSubmit ? { maxSubmit: limits.maxSubmit } : {}),
      ...(limits.maxRunning ? { maxRunning: limits.maxRunning } : {}),
      ...(limits.maxWalltime ? { maxWalltime: parseDuration(limits.maxWalltime)! } : {}),
    },
    storageRoots: document.storage?.roots ?? [],
  };
}

function resourcesFrom({ walltime, memory, ...counts }: ResourcesDocument): SiteResources {
  return {
    ...counts,
    ...(walltime ? { walltime: parseDuration(walltime)! } : {}),
    ...(memory ? { memory: parseSize(memory)! } : {}),
  };
}
