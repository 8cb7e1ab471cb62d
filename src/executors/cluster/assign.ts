// Which ready jobs to submit now, as which submissions: packed, within the queue's limits, through the site's lanes in their order. Pure.
import type { ResourcesIR } from "../../ir/campaign.ts";
import { canonicalJson } from "../../ir/canonical.ts";
import type { TaskJob } from "../../ir/task-line.ts";
import type { ArrayDescription } from "../../render/pack.ts";
import type { Lane, LaneQueue, Site } from "../../site/site.ts";
import type { Queue, QueuedJob } from "../slurm/squeue.ts";
import type { Docket, DocketJob } from "./docket.ts";
import type { Standings } from "./standing.ts";
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

export function assign(docket: Docket, standings: Standings, queue: Queue, site: Site): Assignment {
  const groups = groupsOf(docket, standings);
  const room = roomIn(queue, site);
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

interface Group {
  readonly array: ArrayDescription;
  readonly more: ResourcesIR | undefined;
  readonly jobs: TaskJob[];
}

/** Jobs that can share a submission: of one array, and with the same wish for more. In docket order. */
function groupsOf({ jobs, arrays }: Docket, standings: Standings): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const job of jobs) {
    const standing = standings.get(job.key);
    if (standing?.kind !== "ready" || arrays.get(job.array.name)?.mode !== "array") continue;
    const { attempt, omit, resources } = standing;
    const id = `${job.array.name} ${canonicalJson((resources ?? {}) as never)}`;
    const group = groups.get(id) ?? { array: job.array, more: resources, jobs: [] };
    groups.set(id, group);
    group.jobs.push(taskJob(job, attempt, omit, resources));
  }
  return [...groups.values()];
}

export function taskJob(
  { key, batch, line }: DocketJob,
  attempt: number,
  omit: readonly string[],
  resources: ResourcesIR | undefined,
): TaskJob {
  return { key, type: "run", batch, line, attempt, ...(resources ? { resources } : {}), ...(omit.length ? { omit } : {}) }; // prettier-ignore
}

function jobsPerTask({ perTask, jobWalltime }: ArrayDescription, walltime: number | undefined, site: Site): number {
  if (walltime === undefined || walltime === jobWalltime) return perTask;
  const allowed = Math.floor(((site.limits.maxWalltime ?? Infinity) - GRACE_SECONDS) / walltime);
  return Math.max(1, Math.min(perTask, allowed));
}

function taskWalltime(walltime: number, jobs: number, { limits }: Site): number {
  return Math.min(walltime * jobs + GRACE_SECONDS, limits.maxWalltime ?? Infinity);
}

/** How many more array tasks the queue takes, by lane; caps count all of the user's jobs, other campaigns' and foreign ones too. */
function roomIn(queue: Queue, { limits, lanes }: Site) {
  const live = queue.jobs.filter(({ state }) => state.phase !== "ended");
  let total = (limits.maxSubmit ?? Infinity) - tasksIn(live);
  const doors = lanes.map((lane) => ({
    lane,
    free: (lane.cap ?? Infinity) - tasksIn(live.filter((job) => goesThrough(job, lane.queue))),
  }));
  const one = (lane: Lane | undefined, tasks: number) => (tasks > 0 ? [{ lane, tasks }] : []);
  return {
    take(tasks: number, jobType: string | undefined): { readonly lane: Lane | undefined; readonly tasks: number }[] {
      const fit = Math.max(0, Math.min(tasks, total));
      total -= fit;
      if (doors.length === 0) return one(undefined, fit);
      let left = fit;
      const taken = doors.flatMap((door) => {
        if (door.lane.jobTypes && !door.lane.jobTypes.some((type) => type === jobType)) return [];
        const through = Math.max(0, Math.min(left, door.free));
        door.free -= through;
        left -= through;
        return one(door.lane, through);
      });
      total += left;
      return taken;
    },
  };
}

function tasksIn(jobs: readonly QueuedJob[]): number {
  return jobs.reduce((sum, { tasks }) => sum + (tasks?.length ?? 1), 0);
}

/** What the lane does not name it shares with others. A pending job may still name several partitions. */
function goesThrough(job: QueuedJob, { partition, qos, account }: LaneQueue): boolean {
  return (
    (partition === undefined || job.partition.split(",").includes(partition)) &&
    (qos === undefined || job.qos === qos) &&
    (account === undefined || job.account === account)
  );
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
