// A profile as its YAML says it, and the Site that it means. Where it says nothing, the defaults below do. No files, no checks.
import { parseDuration, parseSize } from "../author/units.ts";
import type { JobType } from "../ir/stage.ts";
import type {
  Executor,
  Lane,
  LaneQueue,
  Limits,
  Pool,
  PoolShape,
  Queue,
  Site,
  SiteJobType,
  SiteResources,
} from "./site.ts";

export interface SiteDocument {
  readonly extends?: string;
  readonly executor?: Executor;
  readonly node?: string;
  readonly modules?: readonly string[];
  readonly setup?: readonly string[];
  readonly launcher?: readonly string[];
  readonly scratch?: string;
  readonly caches?: readonly string[];
  readonly stagger?: string;
  readonly queue?: Queue;
  readonly resources?: ResourcesDocument;
  readonly jobTypes?: Readonly<Partial<Record<JobType, JobTypeDocument>>>;
  readonly lanes?: readonly LaneDocument[];
  readonly pool?: PoolDocument;
  readonly packTo?: string;
  readonly limits?: LimitsDocument;
  readonly storage?: { readonly roots?: readonly string[] };
}

/** Durations and sizes are text. */
type Text<T, Fields extends keyof T> = { readonly [F in keyof T]: F extends Fields ? string : T[F] };

type ResourcesDocument = Text<SiteResources, "walltime" | "memory">;
type PoolDocument = Partial<Text<Pool, "walltime" | "idle">>;

interface JobTypeDocument {
  readonly queue?: Queue;
  readonly resources?: ResourcesDocument;
  readonly stagger?: string;
}

/** The queue's words stand beside the name: a lane is a door, and `queue.` would be said on every line. */
interface LaneDocument extends LaneQueue {
  readonly name: string;
  readonly cap?: number;
  readonly target?: number;
  readonly jobTypes?: readonly JobType[];
  readonly pool?: Partial<Text<PoolShape, "walltime">>;
}

type LimitsDocument = Partial<
  Text<Omit<Limits, "failureRate">, "maxWalltime" | "maxMemory" | "submitTimeout" | "visibility">
> & { readonly failureRate?: Partial<Limits["failureRate"]> };

type Defaults = ReturnType<typeof defaultsFor>;

/** What holds where a profile says nothing. */
export function defaultsFor({ limits }: SiteDocument) {
  return {
    executor: "local",
    node: "node",
    stagger: "0s",
    pool: {
      when: "auto",
      nodes: 1,
      streams: 1,
      walltime: shorter("1h", limits?.maxWalltime),
      maxAllocations: 4,
      idle: "2m",
    },
    limits: {
      // SLURM as delivered: MaxArraySize=1001, the highest index is 1000.
      maxArraySize: 1001,
      submitTimeout: "90s",
      visibility: "10s",
      nodeFailures: 3,
      failureRate: { most: 0.5, of: 20 },
    },
  } as const satisfies SiteDocument;
}

export function siteFrom(name: string, said: SiteDocument): Site {
  const defaults = defaultsFor(said);
  const { executor, node, stagger } = { ...defaults, ...said };
  const pool = poolFrom({ ...defaults.pool, ...said.pool });
  return {
    name,
    executor,
    node,
    modules: said.modules ?? [],
    setup: said.setup ?? [],
    launcher: said.launcher ?? [],
    ...(said.scratch === undefined ? {} : { scratch: said.scratch }),
    caches: said.caches ?? [],
    stagger: seconds(stagger),
    queue: said.queue ?? {},
    resources: resourcesFrom(said.resources ?? {}),
    jobTypes: Object.fromEntries(Object.entries(said.jobTypes ?? {}).map(([type, own]) => [type, jobTypeFrom(own)])),
    lanes: (said.lanes ?? []).map((lane) => laneFrom(lane, pool)),
    pool,
    ...(said.packTo === undefined ? {} : { packTo: seconds(said.packTo) }),
    limits: limitsFrom(defaults.limits, said.limits ?? {}),
    storageRoots: said.storage?.roots ?? [],
  };
}

function jobTypeFrom({ queue = {}, resources = {}, stagger }: JobTypeDocument): SiteJobType {
  return {
    queue,
    resources: resourcesFrom(resources),
    ...(stagger === undefined ? {} : { stagger: seconds(stagger) }),
  };
}

function resourcesFrom({ walltime, memory, ...counts }: ResourcesDocument): SiteResources {
  return {
    ...counts,
    ...(walltime === undefined ? {} : { walltime: seconds(walltime) }),
    ...(memory === undefined ? {} : { memory: parseSize(memory)! }),
  };
}

function laneFrom({ name, cap, target, jobTypes, pool: own = {}, ...queue }: LaneDocument, pool: Pool): Lane {
  const { nodes = pool.nodes, streams = Math.max(1, (pool.streams * nodes) / pool.nodes) } = own;
  return {
    name,
    queue,
    ...(cap === undefined ? {} : { cap }),
    ...(target === undefined ? {} : { target }),
    ...(jobTypes === undefined ? {} : { jobTypes }),
    pool: { nodes, streams, walltime: own.walltime === undefined ? pool.walltime : seconds(own.walltime) },
  };
}

function poolFrom({ walltime, idle, ...pool }: Text<Pool, "walltime" | "idle">): Pool {
  return { ...pool, walltime: seconds(walltime), idle: seconds(idle) };
}

function limitsFrom(
  defaults: Defaults["limits"],
  { maxWalltime, maxMemory, failureRate, ...said }: LimitsDocument,
): Limits {
  const limits = { ...defaults, ...said };
  return {
    ...limits,
    submitTimeout: seconds(limits.submitTimeout),
    visibility: seconds(limits.visibility),
    failureRate: { ...defaults.failureRate, ...failureRate },
    ...(maxWalltime === undefined ? {} : { maxWalltime: seconds(maxWalltime) }),
    ...(maxMemory === undefined ? {} : { maxMemory: parseSize(maxMemory)! }),
  };
}

function shorter(one: string, other = one): string {
  return seconds(other) < seconds(one) ? other : one;
}

/** The schema has seen that it is one. */
function seconds(duration: string): number {
  return parseDuration(duration)!;
}
