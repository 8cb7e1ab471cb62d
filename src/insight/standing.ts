// Standing: where each job is on its way, from table and state alone. Looks at no file; whether outputs are still there is the plan's business.
import { type JobTable, keyOf, type StageTable, upstreamRows } from "../expand/table.ts";
import { triesOf } from "../plan/verdicts.ts";
import { failuresOf, heldFor, type JobState } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";
import { doubtOf } from "../state/verification.ts";

/**
 * done: a receipt for the recipe of now that nobody doubts (`cmc verify --write`). running: begun, and somebody is at work. queued: in a scheduler's queue. unknown: the scheduler should have
 * it and does not show it. retry: a run in progress will try it again. held: not to be run until a person says `retry`. failed: its tries are used
 * up. cancelled: stopped by a person, will be taken up again. blocked: cannot begin because what it needs failed. waiting: everything else.
 */
export const STANDINGS = [
  "done", "running", "queued", "unknown", "retry", "waiting", "held", "failed", "blocked", "cancelled",
] as const; // prettier-ignore
export type Standing = (typeof STANDINGS)[number];

const code = (standing: Standing): number => STANDINGS.indexOf(standing);
const [HELD, FAILED, BLOCKED] = [code("held"), code("failed"), code("blocked")];
const [WAITING, CANCELLED] = [code("waiting"), code("cancelled")];

/** What a run on a cluster knows of a job, by its key; it goes before what the journals alone would say. */
export type Elsewhere = ReadonlyMap<string, { readonly standing: Standing; readonly reason?: string; readonly until?: number }>; // prettier-ignore

export interface Standings {
  /** Per global row, index into STANDINGS. */
  readonly of: Uint8Array;
  /** Per global row; a job nothing is known about has none. */
  readonly jobs: readonly (JobState | undefined)[];
}

const NOWHERE: Elsewhere = new Map();

/** `live`: an apply holds the lock, so begun attempts are running and not lost. */
export function standings(table: JobTable, state: State, live: boolean, elsewhere = NOWHERE): Standings {
  const of = new Uint8Array(table.count);
  const jobs = new Array<JobState | undefined>(table.count);
  // Stages are in topological order: what a job needs has its standing already.
  for (const stage of table.stages) {
    const isBlocked = blockage(stage, of);
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      const key = keyOf(stage, i);
      const job = state.jobs.get(key);
      jobs[row] = job;
      const own = code(elsewhere.get(key)?.standing ?? ownStanding(stage, i, job, state.verified, live));
      of[row] = (own === WAITING || own === CANCELLED) && isBlocked(i) ? BLOCKED : own;
    }
  }
  return { of, jobs };
}

function ownStanding(
  stage: StageTable,
  index: number,
  job: JobState | undefined,
  verified: State["verified"],
  live: boolean,
): Standing {
  if (!job) return "waiting";
  if (job.open && live) return "running";
  const recipe = stage.recipe.digest.at(index);
  if (job.receipt?.recipe.digest === recipe && !doubtOf(verified, job.accepted?.attemptId)) return "done";
  if (heldFor(job) !== undefined) return "held";
  const failures = failuresOf(job, recipe);
  const last = failures.at(-1)?.end;
  if (last && failures.length >= triesOf(last, stage.stage.retry)) return "failed";
  return job.last?.end?.class === "cancelled" && !job.open ? "cancelled" : "waiting";
}

/** Says whether a job's inputs can no longer come. Jobs that share a group share the answer. */
function blockage(stage: StageTable, of: Uint8Array): (index: number) => boolean {
  const hopeless = (row: number) => of[row] === FAILED || of[row] === HELD || of[row] === BLOCKED;
  const ports = stage.stage.inputs.map((input, port) => {
    const column = stage.inputs[port]!;
    if (input.kind !== "edge" || column.kind === "paths") return () => false;
    const fraction = input.join === "quorum" ? (input.fraction ?? 1) : 1;
    const answers = new Map<number, boolean>();
    return (index: number) => {
      if (column.kind === "each") return hopeless(column.row[index]!);
      const group = column.group[index]!;
      let answer = answers.get(group);
      if (answer === undefined) answers.set(group, (answer = tooFew(upstreamRows(column, index), hopeless, fraction)));
      return answer;
    };
  });
  return (index) => ports.some((port) => port(index));
}

function tooFew(rows: Uint32Array, hopeless: (row: number) => boolean, fraction: number): boolean {
  let left = 0;
  for (const row of rows) if (!hopeless(row)) left += 1;
  return left < Math.ceil(rows.length * fraction - 1e-9);
}
