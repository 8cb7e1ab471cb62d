// What the scheduler shows of our submissions: squeue first, accounting where squeue has nothing. Pure. It proves nothing: receipts do.
import { foldAccounting } from "../slurm/attempts.ts";
import type { AccountedJob } from "../slurm/sacct.ts";
import type { Queue, QueuedJob } from "../slurm/squeue.ts";
import type { EndClass, JobState } from "../slurm/states.ts";

export type Sighting =
  | { readonly kind: "pending"; readonly reason?: string }
  | { readonly kind: "running"; readonly node?: string }
  /** `at`: ms since 1970; absent: SLURM does not say when. */
  | { readonly kind: "ended"; readonly class: EndClass; readonly at?: number; readonly node?: string };

export interface Sight {
  /** SLURM's number of a submission, by its name. */
  jobId(token: string): number | undefined;
  /** Undefined: nothing is seen of it. */
  task(token: string, task: number): Sighting | undefined;
}

const PREFIX = "cmc-";

export function jobName(token: string): string {
  return `${PREFIX}${token}`;
}

interface Seen {
  readonly jobId: number;
  readonly tasks: Map<number, Sighting>;
}

/** @param numbers SLURM's number by token, where known: in its first seconds sacct may call a job `allocation` */
export function sightOf(queue: Queue, accounted: readonly AccountedJob[], numbers: ReadonlyMap<string, number>): Sight {
  const seen = new Map<string, Seen>();
  const of = (token: string, jobId: number): Seen => {
    const known = seen.get(token) ?? { jobId, tasks: new Map<number, Sighting>() };
    seen.set(token, known);
    return known;
  };
  // Single tasks beat the row for the rest of their array.
  const rows = [...queue.jobs].sort((a, b) => (b.tasks?.length ?? 1) - (a.tasks?.length ?? 1));
  for (const row of rows) {
    if (!row.name.startsWith(PREFIX)) continue;
    const { tasks } = of(row.name.slice(PREFIX.length), row.arrayJobId ?? row.jobId);
    for (const task of row.tasks ?? [0]) tasks.set(task, queuedSighting(row));
  }
  const tokens = new Map([...numbers].map(([token, number]) => [number, token]));
  for (const { job, task = 0, attempts, ended } of foldAccounting(ours(accounted, tokens)).values()) {
    const last = attempts.at(-1)!;
    const token = tokens.get(job) ?? last.name.slice(PREFIX.length);
    const { tasks } = of(token, job);
    if (tasks.has(task)) continue;
    tasks.set(task, ended ? endedSighting(ended.state, ended.end, ended.nodes) : liveSighting(last.state, last.reason));
  }
  return {
    jobId: (token) => seen.get(token)?.jobId,
    task: (token, task) => seen.get(token)?.tasks.get(task),
  };
}

/** Numbers are given out again after a crash of the controller: a row of ours has our number and our name, or none yet. */
function ours(rows: readonly AccountedJob[], tokens: ReadonlyMap<number, string>): readonly AccountedJob[] {
  return rows.filter(({ id, name }) => {
    const token = tokens.get(id.job);
    return token === undefined ? name.startsWith(PREFIX) : name === jobName(token) || name === "allocation";
  });
}

function queuedSighting({ state, reason, nodes, end }: QueuedJob): Sighting {
  if (state.phase === "ended") return endedSighting(state, end, nodes);
  if (state.phase === "pending") return { kind: "pending", ...(reason ? { reason } : {}) };
  return { kind: "running", ...(nodes ? { node: nodes } : {}) };
}

/** Accounting lags: what it does not call ended may be anything but gone. */
function liveSighting(state: JobState, reason: string | undefined): Sighting {
  return state.phase === "pending" ? { kind: "pending", ...(reason ? { reason } : {}) } : { kind: "running" };
}

function endedSighting(state: JobState, end: number | undefined, nodes: string | undefined): Sighting {
  if (state.phase !== "ended") return { kind: "running" };
  return {
    kind: "ended",
    class: state.class,
    ...(end === undefined ? {} : { at: end * 1000 }),
    ...(nodes ? { node: nodes } : {}),
  };
}
