// Where the jobs of runs in progress on a cluster stand: journals, docket and the last heartbeat put together. Asks no scheduler and changes nothing.
import { readDocket } from "../executors/cluster/docket.ts";
import { type DeskPack, poolFolder, readDesk } from "../executors/cluster/pool-desk.ts";
import { openRuns, type RunFile } from "../executors/cluster/run-file.ts";
import { standingsOf } from "../executors/cluster/standing.ts";
import { type Pack, readTasks } from "../executors/cluster/task-file.ts";
import { parseArray } from "../executors/slurm/array-expression.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Folded, readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";
import { isOpen, type SubmissionState } from "../state/submission.ts";
import { type ClusterJob, inPacks, inTasks, moreOf, outside } from "./cluster-jobs.ts";
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

/** Open: something of it may run. */
export interface ViewedSubmission {
  readonly submission: SubmissionState;
  /** Empty for an allocation of a pool. */
  readonly tasks: readonly Pack[];
  /** As of the last turn that reached the scheduler. */
  readonly seen: readonly SeenHands[];
  /** That turn left nothing of this task to anybody. */
  readonly settled: (task: number) => boolean;
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
  const submissions = [...state.submissions.values()].filter(isOpen).map((one) => viewed(root, one, heartbeat));
  const jobs = new Map<string, ClusterJob>();
  const hands = inTasks(submissions, state, heartbeat?.seen?.at ?? 0);
  const belongs = new Set<string>();
  const pools: ViewedPool[] = [];
  for (const run of runs) {
    const docket = readDocket(run, belongs);
    for (const { key } of docket.jobs) belongs.add(key);
    const desks = docket.pools.map((pool) => ({ pool, ...readDesk(poolFolder(root, run.run, pool.name)) }));
    for (const { pool, packs } of desks) for (const [key, job] of inPacks(pool.name, packs, state)) hands.set(key, job);
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

function viewed(root: string, submission: SubmissionState, heartbeat: Heartbeat | undefined): ViewedSubmission {
  const { token, intended } = submission;
  const looked = heartbeat?.seen;
  const seen = looked?.submissions.find((one) => one.token === token)?.hands ?? [];
  const held = new Set(seen.flatMap(({ tasks }) => parseArray(tasks ?? "")?.tasks ?? []));
  const settled = (task: number) => looked !== undefined && intended !== undefined && intended.at < looked.at && !held.has(task); // prettier-ignore
  return { submission, tasks: readTasks(root, token) ?? [], seen, settled };
}
