// Which ready jobs to submit now, as which submissions: packed, within the queue's limits, through the site's lanes in their order. Pure.
import type { ResourcesIR } from "../../ir/stage.ts";
import { canonicalJson } from "../../ir/canonical.ts";
import type { TaskJob } from "../../ir/task-line.ts";
import type { ArrayDescription } from "../../render/pack.ts";
import type { Lane, Site } from "../../site/site.ts";
import type { Docket, DocketJob } from "./docket.ts";
import type { QueueRoom } from "./queue-room.ts";
import type { Standing, Standings } from "./standing.ts";
import type { Pack } from "./task-file.ts";

export interface Wanted {
  readonly array: ArrayDescription;
  readonly tasks: readonly Pack[];
  /** What a retry asks for beyond the array's own. */
  readonly more?: ResourcesIR;
  /** Seconds of one array task. Absent: nobody said. */
  readonly walltime?: number;
  readonly lane?: Lane;
}

export interface Assignment {
  readonly wanted: readonly Wanted[];
  /** Packs that are ready and do not fit into the queue now. */
  readonly waiting: number;
}

/** For starting the worker and recording the last end: render/pack.ts. */
const GRACE_SECONDS = 120;

export function assign(docket: Docket, standings: Standings, room: QueueRoom, site: Site): Assignment {
  const groups = groupsOf(docket, standings, (job, more) => !isPooled(job, more));
  const wanted: Wanted[] = [];
  let waiting = 0;
  for (const { array, more, jobs } of groups) {
    const walltime = more?.walltime ?? array.jobWalltime;
    const perTask = jobsPerTask(array, walltime, site);
    const packs = chunks(jobs, perTask);
    const taken = room.take(packs.length, array.resources.jobType);
    let at = 0;
    for (const { lane, tasks } of taken)
      for (const part of chunks(packs.slice(at, (at += tasks)), site.limits.maxArraySize)) {
        const longest = Math.max(...part.map((pack) => pack.length));
        wanted.push({
          array,
          tasks: part,
          ...(more ? { more } : {}),
          ...(walltime === undefined ? {} : { walltime: taskWalltime(walltime, longest, site) }),
          ...(lane ? { lane } : {}),
        });
      }
    waiting += packs.length - at;
  }
  return { wanted, waiting };
}

/** Packs of ready jobs for a pool of these arrays. */
export function packsFor(docket: Docket, standings: Standings, arrays: readonly string[]): readonly Pack[] {
  const groups = groupsOf(docket, standings, (job, more) => arrays.includes(job.array.name) && isPooled(job, more));
  return groups.flatMap(({ array, jobs }) => chunks(jobs, array.perTask));
}

/** A stream of a pool has its share of the memory and no more: who needs more after an oom gets an allocation of its own. */
function isPooled({ array }: DocketJob, more: ResourcesIR | undefined): boolean {
  return array.mode === "pool" && more?.memory === undefined;
}

interface Group {
  readonly array: ArrayDescription;
  readonly more: ResourcesIR | undefined;
  readonly jobs: TaskJob[];
}

/** Jobs that can share a submission: of one array, and with the same wish for more. In docket order. */
function groupsOf(
  { jobs }: Docket,
  standings: Standings,
  wanted: (job: DocketJob, more: ResourcesIR | undefined) => boolean,
): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const job of jobs) {
    const standing = standings.get(job.key);
    if (standing?.kind !== "ready" || !wanted(job, standing.resources)) continue;
    const { resources } = standing;
    const id = `${job.array.name} ${canonicalJson((resources ?? {}) as never)}`;
    const group = groups.get(id) ?? { array: job.array, more: resources, jobs: [] };
    groups.set(id, group);
    group.jobs.push(taskJob(job, standing));
  }
  return [...groups.values()];
}

function taskJob({ key, batch, line }: DocketJob, { attempt, failedBefore, omit, resources }: Ready): TaskJob {
  return {
    key,
    type: "run",
    batch,
    line,
    attempt,
    ...(failedBefore ? { failedBefore } : {}),
    ...(resources ? { resources } : {}),
    ...(omit.length ? { omit } : {}),
  };
}

type Ready = Extract<Standing, { kind: "ready" }>;

function jobsPerTask({ perTask, jobWalltime }: ArrayDescription, walltime: number | undefined, site: Site): number {
  if (walltime === undefined || walltime === jobWalltime) return perTask;
  const allowed = Math.floor(((site.limits.maxWalltime ?? Infinity) - GRACE_SECONDS) / walltime);
  return Math.max(1, Math.min(perTask, allowed));
}

function taskWalltime(walltime: number, jobs: number, { limits }: Site): number {
  return Math.min(walltime * jobs + GRACE_SECONDS, limits.maxWalltime ?? Infinity);
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
