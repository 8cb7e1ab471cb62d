// What the scheduler shows of our submissions: squeue first, accounting where squeue has nothing. Pure. It proves nothing: receipts do.
import { foldAccounting } from "../slurm/attempts.ts";
import type { AccountedJob } from "../slurm/sacct.ts";
import type { Queue, QueuedJob } from "../slurm/squeue.ts";
import { comesBack, type EndClass, type JobState } from "../slurm/states.ts";

export type Sighting =
  /** `after`: how an earlier life ended, where accounting was asked. */
  | { readonly kind: "pending"; readonly reason?: string; readonly after?: EndClass }
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

/** Undefined: not the name of a submission of cmc. */
export function tokenOf(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

interface Seen {
  readonly jobId: number;
  readonly tasks: Map<number, Sighting>;
}

export function sightOf(queue: Queue, accounted: readonly AccountedJob[]): Sight {
  const seen = new Map<string, Seen>();
  const seenOf = (token: string, jobId: number): Seen => {
    const known = seen.get(token) ?? { jobId, tasks: new Map<number, Sighting>() };
    seen.set(token, known);
    return known;
  };
  // Single tasks beat the row for the rest of their array.
  const rows = [...queue.jobs].sort((a, b) => (b.tasks?.length ?? 1) - (a.tasks?.length ?? 1));
  for (const row of rows) {
    const token = tokenOf(row.name);
    if (token === undefined) continue;
    const { tasks } = seenOf(token, row.arrayJobId ?? row.jobId);
    for (const task of row.tasks ?? [0]) tasks.set(task, queuedSighting(row));
  }
  for (const [token, of] of byToken(accounted))
    for (const { job, task = 0, attempts, ended } of foldAccounting(of).values()) {
      const { tasks } = seenOf(token, job);
      const queued = tasks.get(task);
      // An array that was cancelled before it began has no end time for ever (22.05). What accounting does not call ended it may have missed the
      // end of: that is no sign of life.
      const last = ended ?? attempts.at(-1)!;
      if (!queued && last.state.phase === "ended" && !comesBack(last.state))
        tasks.set(task, endedSighting(last.state, last.end, last.nodes));
      const before = attempts.findLast(({ state }) => state.phase === "ended")?.state;
      if (queued?.kind === "pending" && before?.phase === "ended") tasks.set(task, { ...queued, after: before.class });
    }
  return {
    jobId: (token) => seen.get(token)?.jobId,
    task: (token, task) => seen.get(token)?.tasks.get(task),
  };
}

/**
 * By name only. Numbers are given out again after a crash of the controller, even to tasks of our own arrays; and what sacct calls `allocation`,
 * as it does in a job's first seconds and after an outage of its database, has its name later (22.05).
 */
function byToken(rows: readonly AccountedJob[]): ReadonlyMap<string, readonly AccountedJob[]> {
  const found = new Map<string, AccountedJob[]>();
  for (const row of rows) {
    const token = tokenOf(row.name);
    if (token !== undefined) found.set(token, [...(found.get(token) ?? []), row]);
  }
  return found;
}

/** A node could not start it, and SLURM has put it back for an administrator to look at (22.05): it would wait for ever. */
const GIVEN_UP: ReadonlySet<string | undefined> = new Set(["launch failed requeued held", "JobHoldMaxRequeue"]);

function queuedSighting({ state, reason, nodes, end }: QueuedJob): Sighting {
  if (state.phase === "pending" && GIVEN_UP.has(reason)) return { kind: "ended", class: "boot_fail" };
  if (state.phase === "pending" || comesBack(state)) return { kind: "pending", ...(reason ? { reason } : {}) };
  if (state.phase === "ended") return endedSighting(state, end, nodes);
  return { kind: "running", ...(nodes ? { node: nodes } : {}) };
}

/** SLURM tells whole seconds: what ended in one has ended when it is over. */
function endedSighting(state: JobState, end: number | undefined, nodes: string | undefined): Sighting {
  if (state.phase !== "ended") return { kind: "running" };
  return {
    kind: "ended",
    class: state.class,
    ...(end === undefined ? {} : { at: (end + 1) * 1000 }),
    ...(nodes ? { node: nodes } : {}),
  };
}
