// How much more the queue takes: the site's limit on all of a user's array tasks and allocations, and each lane's cap. Jobs of other campaigns,
// and jobs that are not ours at all, count like any other. Pure but for its own count of what was given out.
import type { Lane, LaneQueue, Site } from "../../site/site.ts";
import type { Queue, QueuedJob } from "../slurm/squeue.ts";

export interface Through {
  /** Undefined: the site has no lanes. */
  readonly lane: Lane | undefined;
  readonly tasks: number;
}

export interface QueueRoom {
  /** So many of the wanted tasks may be submitted, through these lanes, in their order. */
  take(tasks: number, jobType: string | undefined): readonly Through[];
  /** Room for one allocation in a lane; `main` where the site has none. */
  takeOne(lane: string): boolean;
}

export function queueRoom(queue: Queue, { limits, lanes }: Site): QueueRoom {
  const live = queue.jobs.filter(({ state }) => state.phase !== "ended");
  let total = (limits.maxSubmit ?? Infinity) - tasksIn(live);
  const doors = lanes.map((lane) => ({
    lane,
    free: (lane.cap ?? Infinity) - tasksIn(live.filter((job) => goesThrough(job, lane.queue))),
  }));
  return {
    take(tasks, jobType) {
      let left = Math.max(0, Math.min(tasks, total));
      const open = doors.filter(({ lane }) => !lane.jobTypes || lane.jobTypes.some((type) => type === jobType));
      const taken: Through[] = [];
      if (doors.length === 0) taken.push({ lane: undefined, tasks: left });
      for (const door of open) {
        const through = Math.max(0, Math.min(left, door.free));
        door.free -= through;
        left -= through;
        taken.push({ lane: door.lane, tasks: through });
      }
      total -= taken.reduce((sum, { tasks: through }) => sum + through, 0);
      return taken.filter(({ tasks: through }) => through > 0);
    },
    takeOne(name) {
      const door = doors.find(({ lane }) => lane.name === name);
      if (total < 1 || (door && door.free < 1)) return false;
      total -= 1;
      if (door) door.free -= 1;
      return true;
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
