// Rows of sacct folded: for every job or task its attempts, and how it ended if it is certain that it did. Pure; no receipts here.
import type { AccountedJob } from "./sacct.ts";
import { comesBack } from "./states.ts";

export interface AccountedTask {
  readonly job: number;
  /** Absent: not an array. */
  readonly task?: number;
  /** In the order they began; the last one counts. A requeued task has one for each time it ran. */
  readonly attempts: readonly AccountedJob[];
  /** Only in the row for the rest of its array: it had no record of its own when sacct was asked. */
  readonly fromRest: boolean;
  /**
   * The last attempt, ended, with an end time, not to return. Even so sacct is late (0.5 s for a job, 6 s for an array of 200)
   * and shows `FAILED|0:0` before `FAILED|2:0` after an outage of its database: see it twice, or trust a receipt, before acting on it.
   */
  readonly ended?: AccountedJob;
}

/** `94_3`, `94`: what tells a task from another. */
export function taskName(job: number, task?: number): string {
  return task === undefined ? String(job) : `${job}_${task}`;
}

/**
 * A row for a task beats the row for the rest, which may still list tasks that have started (22.05: `88_[2,5%2]` beside `88_2`).
 * Numbers are given out again after a crash of the controller: leave rows out that are older than the submission, or of another name.
 */
export function foldAccounting(rows: readonly AccountedJob[]): ReadonlyMap<string, AccountedTask> {
  const exact = new Map<string, AccountedJob[]>();
  const rests = new Map<string, AccountedJob[]>();
  for (const row of rows)
    for (const task of row.id.tasks ?? [undefined]) {
      const found = row.id.rest ? rests : exact;
      const name = taskName(row.id.job, task);
      found.set(name, [...(found.get(name) ?? []), row]);
    }
  const folded = new Map<string, AccountedTask>();
  for (const [found, fromRest] of [
    [exact, false],
    [rests, true],
  ] as const)
    // prettier-ignore
    for (const [name, attempts] of found) if (!folded.has(name)) folded.set(name, taskOf(name, attempts, fromRest));
  return folded;
}

function taskOf(name: string, rows: readonly AccountedJob[], fromRest: boolean): AccountedTask {
  const [job, task] = name.split("_").map(Number);
  // A requeue sets the time of submission anew. Those of the same second stay in sacct's order.
  const attempts = [...rows].sort((a, b) => (a.submitted ?? 0) - (b.submitted ?? 0));
  const last = attempts.at(-1)!;
  const over = last.state.phase === "ended" && last.end !== undefined && !comesBack(last.state);
  return {
    job: job!,
    ...(task === undefined ? {} : { task }),
    attempts,
    fromRest,
    ...(over ? { ended: last } : {}),
  };
}
