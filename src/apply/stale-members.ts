// Members of quorums that a run goes without although they have receipts: what those vouch for is not what the campaign says now, and the plan
// leaves them as they are (held, blocked, or excluded). Pure.
import { keyOfRow, upstreamRows } from "../expand/table.ts";
import { ACTIONS, type Plan } from "../plan/types.ts";
import { nextAttempt } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";

/** Moves are carried out before a run begins. */
const THERE: ReadonlySet<number> = new Set([ACTIONS.indexOf("keep"), ACTIONS.indexOf("move")]);

/** By key, the number of the attempt from which on a success counts. */
export function staleMembers({ table, action, batches }: Plan, state: State): Readonly<Record<string, number>> {
  const planned = new Set(batches.flatMap((batch) => [...batch.rows]));
  const stale: Record<string, number> = {};
  for (const stage of table.stages)
    stage.stage.inputs.forEach((ir, p) => {
      const column = stage.inputs[p]!;
      if (ir.kind !== "edge" || ir.join !== "quorum" || column.kind !== "group") return;
      const seen = new Set<number>();
      for (let i = 0; i < stage.count; i++) {
        if (!planned.has(stage.first + i) || seen.has(column.group[i]!)) continue;
        seen.add(column.group[i]!);
        for (const row of upstreamRows(column, i)) {
          if (THERE.has(action[row]!) || planned.has(row)) continue;
          const job = state.jobs.get(keyOfRow(table, row));
          if (job?.receipt) stale[job.key] = nextAttempt(job);
        }
      }
    });
  return stale;
}
