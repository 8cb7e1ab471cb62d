// Upstream jobs by the keys a receipt knows them by, and what each of them was when a result was made from it. Pure names and times.
import { type JobTable, pointOf, type StageTable } from "../expand/table.ts";
import type { JobState } from "../state/job-state.ts";
import type { Receipt } from "../state/receipt.ts";
import { startOf } from "./generations.ts";
import { successes } from "./history.ts";
import { keysOf } from "./keys.ts";
import type { Moves } from "./moves.ts";
import { perGroup } from "./per-group.ts";

/** Key -> global row. A job that was renamed is there under its earlier keys, too. */
export type Members = ReadonlyMap<string, number>;

/** Per edge of a stage, in the order declared, the upstream jobs of one of its jobs. */
export function membersOf(
  stages: JobTable["stages"],
  stage: StageTable,
  moves: Moves | undefined,
): (index: number) => readonly Members[] {
  const asks = stage.stage.inputs.flatMap((ir, p) => {
    const source = ir.kind === "edge" ? stages.find((one) => one.stage.name === ir.from.stage) : undefined;
    if (!source) return [];
    const key = keysOf(source);
    const earlier = moves?.concern(source.stage.name) ? moves : undefined;
    return [
      perGroup(stage.inputs[p]!, (rows) => {
        const members = new Map<string, number>();
        for (const row of rows) {
          const index = row - source.first;
          for (const old of earlier?.before({ stage: source.stage.name, point: pointOf(source, index) }) ?? [])
            members.set(old.key, row);
        }
        for (const row of rows) members.set(key(row - source.first), row);
        return members;
      }),
    ];
  });
  return (index) => asks.map((ask) => ask(index));
}

export function rowOf(members: readonly Members[], key: string): number | undefined {
  return members.find((some) => some.has(key))?.get(key);
}

/** The receipt of a job that counted when another one began. Clocks of hosts differ a little: what was used existed, so it is the first at least. */
export function receiptBefore(job: JobState | undefined, made: number): Receipt | undefined {
  if (!job || job.attempts.length === 1) return job?.receipt;
  const tries = successes(job);
  return (tries.findLast(({ end }) => end!.at <= made) ?? tries[0])?.end?.receipt;
}

/** When the attempt began whose receipt counts: what it was made from was there then. */
export function madeAt(job: JobState): number {
  return startOf(job.accepted!);
}
