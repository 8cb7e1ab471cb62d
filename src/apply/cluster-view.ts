// Where the jobs of runs in progress on a cluster stand: journals, docket and the last heartbeat put together. Asks no scheduler and changes nothing.
import { type Docket, readDocket } from "../executors/cluster/docket.ts";
import { type DeskPack, poolFolder, readDesk } from "../executors/cluster/pool-desk.ts";
import { openRuns, type RunFile } from "../executors/cluster/run-file.ts";
import { isConcluded } from "../executors/cluster/settle.ts";
import { type Standing, type Standings, standingsOf } from "../executors/cluster/standing.ts";
import { type Pack, readTasks } from "../executors/cluster/task-file.ts";
import { parseArray } from "../executors/slurm/array-expression.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { TaskJob } from "../ir/task-line.ts";
import type { PoolDescription } from "../render/pool.ts";
import { type Folded, readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";
import { isCancelled, isOpen, type SubmissionState } from "../state/submission.ts";
import { type Heartbeat, readHeartbeat, type SeenHands } from "./heartbeat.ts";

export interface ClusterView {
  readonly state: State;
  /** From reading the journals. */
  readonly problems: readonly Diagnostic[];
  /** In progress, latest first. Empty: no scheduler has anything of this campaign to do. */
  readonly runs: readonly RunFile[];
  /** Jobs of these runs; those that are done are left out. */
  readonly jobs: ReadonlyMap<string, ClusterJob>;
  readonly submissions: readonly ViewedSubmission[];
  readonly pools: readonly ViewedPool[];
  /** Absent: nobody has taken a turn. */
  readonly heartbeat?: Heartbeat;
}

export interface ClusterJob {
  readonly standing: "running" | "queued" | "unknown" | "retry" | "waiting" | "held" | "failed" | "blocked";
  readonly reason?: string;
  /** ms since 1970: the retry waits for this. */
  readonly until?: number;
  /** Whose hands it is in. */
  readonly place?: Place;
}

export type Place =
  | { readonly kind: "task"; readonly token: string; readonly task: number; readonly jobId?: number }
  | { readonly kind: "pack"; readonly pool: string };

/** Open: something of it may run. */
export interface ViewedSubmission {
  readonly submission: SubmissionState;
  /** Empty for an allocation of a pool. */
  readonly tasks: readonly Pack[];
  /** As of the last turn that reached the scheduler. */
  readonly seen: readonly SeenHands[];
}

export interface ViewedPool {
  readonly run: string;
  readonly name: string;
  readonly folder: string;
  readonly packs: readonly DeskPack[];
  /** Jobs of its stages that are in no pack and may come into one. */
  readonly more: readonly string[];
}

export function viewCluster(root: string, now: number): ClusterView {
  const before = openRuns(root);
  const { state, problems } = foldWhole(root);
  // A run that is closed meanwhile has its end in the journals that were read after it was seen open.
  const runs = unite(before, openRuns(root)).filter(({ run }) => !state.runs.get(run)?.end);
  const heartbeat = readHeartbeat(root);
  const submissions = [...state.submissions.values()].filter(isOpen).map((submission) => ({
    submission,
    tasks: readTasks(root, submission.token) ?? [],
    seen: seenOf(heartbeat, submission.token),
  }));
  const jobs = new Map<string, ClusterJob>();
  const hands = inTasks(submissions, state, heartbeat?.seen?.at ?? 0);
  const belongs = new Set<string>();
  const pools: ViewedPool[] = [];
  for (const run of runs) {
    const docket = readDocket(run, belongs);
    for (const { key } of docket.jobs) belongs.add(key);
    const desks = docket.pools.map((pool) => ({ pool, ...readDesk(poolFolder(root, run.run, pool.name)) }));
    for (const { pool, packs } of desks)
      for (const [key, job] of inPacks(pool.name, packs, state)) hands.set(key, job);
    const standings = standingsOf(docket, state, new Set(hands.keys()), UNLIMITED, now);
    for (const { key } of docket.jobs) {
      const job = hands.get(key) ?? outside(standings.get(key)!, state, key);
      if (job) jobs.set(key, job);
    }
    for (const { pool, folder, packs } of desks)
      pools.push({ run: run.run, name: pool.name, folder, packs, more: moreOf(docket, pool, standings) });
  }
  return { state, problems, runs, jobs, submissions, pools, ...(heartbeat ? { heartbeat } : {}) };
}

/** Retries are only told of, not sized. */
const UNLIMITED = { memory: Infinity, walltime: Infinity };

/** A tick that ends a submission removes its task file after it has said so: journals that do not say so are read again. */
function foldWhole(root: string): Folded {
  for (let turns = 3; ; turns--) {
    const folded = readJournals(root).fold();
    const torn = [...folded.state.submissions.values()].some(
      (one) => isOpen(one) && one.intended?.mode === "array" && !readTasks(root, one.token),
    );
    if (!torn || turns === 0) return folded;
  }
}

function unite(runs: readonly RunFile[], more: readonly RunFile[]): RunFile[] {
  return [...runs, ...more.filter(({ run }) => !runs.some((known) => known.run === run))].sort(
    (a, b) => b.startedAt - a.startedAt,
  );
}

function seenOf(heartbeat: Heartbeat | undefined, token: string): readonly SeenHands[] {
  return heartbeat?.seen?.submissions.find((one) => one.token === token)?.hands ?? [];
}

function inTasks(submissions: readonly ViewedSubmission[], state: State, seenAt: number): Map<string, ClusterJob> {
  const jobs = new Map<string, ClusterJob>();
  const inTime = [...submissions].sort((a, b) => (a.submission.intended?.at ?? 0) - (b.submission.intended?.at ?? 0));
  for (const { submission, tasks, seen } of inTime) {
    const { token, jobId, intended } = submission;
    const byTask = new Map(seen.flatMap((hands) => (parseArray(hands.tasks ?? "")?.tasks ?? []).map((task) => [task, hands]))); // prettier-ignore
    tasks.forEach((pack, task) => {
      const place: Place = { kind: "task", token, task, ...(jobId === undefined ? {} : { jobId }) };
      const hands = byTask.get(task);
      // A turn has looked at it and left it to nobody: it is settled.
      if (!hands && intended && intended.at < seenAt) return;
      const stopped = isCancelled(submission, task);
      for (const job of pack) {
        const phase = isConcluded(job, state) ? undefined : phaseOf(job, state, hands, seenAt, jobId);
        if (phase && stopped && phase.standing === "running") jobs.set(job.key, { ...phase, reason: "cancelled; its worker ends", place }); // prettier-ignore
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

function inPacks(pool: string, packs: readonly DeskPack[], state: State): Map<string, ClusterJob> {
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

function moreOf({ jobs }: Docket, { arrays }: PoolDescription, standings: Standings): string[] {
  const may: ReadonlySet<Standing["kind"]> = new Set(["ready", "waiting", "backoff"]);
  return jobs.flatMap(({ key, array }) => (arrays.includes(array.name) && may.has(standings.get(key)!.kind) ? [key] : [])); // prettier-ignore
}

/** In nobody's hands. Undefined: done. */
function outside(standing: Standing, state: State, key: string): ClusterJob | undefined {
  switch (standing.kind) {
    case "done":
      return undefined;
    case "backoff":
      return { standing: "retry", until: standing.until };
    case "failed":
    case "held":
      return { standing: standing.kind, reason: standing.why };
    case "blocked":
      return { standing: "blocked", reason: `needs ${standing.by}` };
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
