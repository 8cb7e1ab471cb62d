// A plan as it is kept: with the facts it relied on that are in no row of it, so that it can be compared with a plan made later.
import type { JobTable, StageTable } from "../expand/table.ts";
import type { FileFact } from "../state/receipt.ts";
import { nextAttempt } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";
import { RUNNING } from "./draft.ts";
import { externalPorts, portPaths } from "./external.ts";
import { keysOf } from "./keys.ts";
import { ACTIONS, type Observations, type Plan } from "./types.ts";

export interface FrozenPlan extends Plan {
  /** Per row, the number of the job's next attempt: whoever tries it, uses that number up. Clocks need not agree. */
  readonly attempts: Uint32Array;
  /** What was seen of each external input of the jobs that would run, in the order of `reliedOn`; "" where there was none. */
  readonly inputs: readonly string[];
}

/** `table`: what plan() was given. */
export function freeze(plan: Plan, table: JobTable, state: State, observations: Observations): FrozenPlan {
  const own = { ...plan, table };
  return { ...own, attempts: attemptsOf(table, state), inputs: reliedOn(own).map(({ path }) => seenOf(observations.input(path))) }; // prettier-ignore
}

export function attemptsOf(table: JobTable, state: State): Uint32Array {
  const attempts = new Uint32Array(table.count);
  for (const stage of table.stages) {
    const key = keysOf(stage);
    for (let i = 0; i < stage.count; i++) attempts[stage.first + i] = nextAttempt(state.jobs.get(key(i)));
  }
  return attempts;
}

export interface Relied {
  readonly path: string;
  /** The first job that names it. */
  readonly row: number;
}

/** External inputs of the jobs that would run, each once. */
export function reliedOn({ table, action }: Pick<Plan, "table" | "action">): Relied[] {
  const rows = new Map<string, number>();
  for (const stage of table.stages) for (const [path, row] of pathsOf(stage, action)) if (!rows.has(path)) rows.set(path, row); // prettier-ignore
  return [...rows].map(([path, row]) => ({ path, row }));
}

function* pathsOf(stage: StageTable, action: Uint8Array): Iterable<readonly [string, number]> {
  const ports = externalPorts(stage);
  for (let i = 0; i < stage.count && ports.length > 0; i++) {
    const row = stage.first + i;
    if (!RUNNING.has(ACTIONS[action[row]!]!)) continue;
    for (const port of ports) for (const path of portPaths(port, i)) yield [path, row];
  }
}

/** Content is not asked for: it would mean to read every file. */
export function seenOf(fact: FileFact | undefined): string {
  return fact ? `${fact.size} ${fact.mtime}` : "";
}

/** Would the plan do something to the row? */
export function acts({ action }: Pick<Plan, "action">, row: number): boolean {
  const name = ACTIONS[action[row]!]!;
  return RUNNING.has(name) || name === "adopt" || name === "move";
}
