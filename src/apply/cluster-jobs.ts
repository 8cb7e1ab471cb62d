// What is said of single jobs of a run on a cluster: in a task of an open submission, in a pack of a pool, or in nobody's hands. Pure.
import type { Docket } from "../executors/cluster/docket.ts";
import type { DeskPack } from "../executors/cluster/pool-desk.ts";
import { isConcluded } from "../executors/cluster/settle.ts";
import type { Standing, Standings } from "../executors/cluster/standing.ts";
import { parseArray } from "../executors/slurm/array-expression.ts";
import type { TaskJob } from "../ir/task-line.ts";
import type { PoolDescription } from "../render/pool.ts";
import type { State } from "../state/reduce.ts";
import { isCancelled } from "../state/submission.ts";
import type { ViewedSubmission } from "./cluster-view.ts";
import type { SeenHands } from "./heartbeat.ts";

export interface ClusterJob {
  readonly standing: "running" | "queued" | "unknown" | "retry" | "waiting" | "held" | "failed" | "blocked";
  readonly reason?: string;
  /** ms since 1970: the retry waits for this. */
  readonly until?: number;
  /** The job whose result will not come. */
  readonly by?: string;
  /** Whose hands it is in. */
  readonly place?: Place;
}

export type Place =
  | { readonly kind: "task"; readonly token: string; readonly task: number; readonly jobId?: number }
  | { readonly kind: "pack"; readonly pool: string };

export function inTasks(
  submissions: readonly ViewedSubmission[],
  state: State,
  seenAt: number,
): Map<string, ClusterJob> {
  const jobs = new Map<string, ClusterJob>();
  const inTime = [...submissions].sort((a, b) => (a.submission.intended?.at ?? 0) - (b.submission.intended?.at ?? 0));
  for (const { submission, tasks, seen, settled } of inTime) {
    const { token, jobId } = submission;
    const byTask = new Map(seen.flatMap((hands) => (parseArray(hands.tasks ?? "")?.tasks ?? []).map((task) => [task, hands]))); // prettier-ignore
    tasks.forEach((pack, task) => {
      const place: Place = { kind: "task", token, task, ...(jobId === undefined ? {} : { jobId }) };
      const hands = byTask.get(task);
      if (settled(task)) return;
      const stopped = isCancelled(submission, task);
      for (const job of pack) {
        const phase = isConcluded(job, state) ? undefined : phaseOf(job, state, hands, seenAt, jobId);
        if (phase && stopped && phase.standing === "running")
          jobs.set(job.key, { ...phase, reason: "cancelled; its worker ends", place }); // prettier-ignore
        else if (phase && !stopped) jobs.set(job.key, { ...phase, place });
      }
    });
  }
  return jobs;
}

/** What a worker has recorded since is newer than what the queue showed; an array task that runs is more than the job it has begun. */
function phaseOf(
  job: TaskJob,
  state: State,
  seen: SeenHands | undefined,
  seenAt: number,
  jobId: number | undefined,
): ClusterJob {
  const open = state.jobs.get(job.key)?.open;
  const begun = open !== undefined && open.attempt >= job.attempt;
  if (begun && (seen?.phase !== "unknown" || (open.startedAt ?? 0) > seenAt)) {
    const reason = seen?.phase === "running" ? seen.reason : undefined;
    return { standing: "running", ...(reason === undefined ? {} : { reason }) };
  }
  if (!seen)
    return jobId === undefined
      ? { standing: "unknown", reason: "sbatch gave no answer" }
      : { standing: "queued", reason: "submitted, not looked at since" };
  if (seen.phase === "running") return { standing: "queued", reason: seen.reason ?? "its array task is running" };
  return { standing: seen.phase, ...(seen.reason === undefined ? {} : { reason: seen.reason }) };
}

export function inPacks(pool: string, packs: readonly DeskPack[], state: State): Map<string, ClusterJob> {
  const jobs = new Map<string, ClusterJob>();
  for (const { claimed, jobs: pack } of packs)
    for (const job of pack.filter((one) => !isConcluded(one, state))) {
      const begun = (state.jobs.get(job.key)?.open?.attempt ?? 0) >= job.attempt;
      const reason = claimed ? "a worker of the pool has its pack" : "for a worker of the pool";
      const how = begun && claimed ? { standing: "running" as const } : { standing: "queued" as const, reason };
      jobs.set(job.key, { ...how, place: { kind: "pack", pool } });
    }
  return jobs;
}

export function moreOf({ jobs }: Docket, { arrays }: PoolDescription, standings: Standings): string[] {
  const may: ReadonlySet<Standing["kind"]> = new Set(["ready", "waiting", "backoff"]);
  return jobs.flatMap(({ key, array }) => (arrays.includes(array.name) && may.has(standings.get(key)!.kind) ? [key] : [])); // prettier-ignore
}

/** In nobody's hands. Undefined: done. */
export function outside(standing: Standing, state: State, key: string): ClusterJob | undefined {
  switch (standing.kind) {
    case "done":
      return undefined;
    case "backoff":
      return { standing: "retry", until: standing.until };
    case "failed":
    case "held":
      return { standing: standing.kind, reason: standing.why };
    case "blocked":
      return { standing: "blocked", reason: "what it needs will not come", by: standing.by };
    case "waiting":
      return { standing: "waiting", reason: "for what it needs" };
    case "ready":
    case "taken": {
      const again = state.jobs.get(key)?.last;
      const next = "ready: a tick submits it when the queue has room";
      return again && again.end?.class !== "ok" ? { standing: "retry", reason: next } : { standing: "waiting", reason: next }; // prettier-ignore
    }
  }
}
