// Reasons: why jobs stand where they stand, counted, where somebody has said so. What failed, and how, is in findings.ts.
import { type JobTable, keyOf } from "../expand/table.ts";
import { heldFor } from "../state/job-state.ts";
import { type Elsewhere, type Standing, STANDINGS, type Standings } from "./standing.ts";

export interface ReasonCount {
  readonly standing: Standing;
  readonly reason: string;
  readonly jobs: number;
}

/** Most frequent first. */
export function reasonsIn(table: JobTable, { of, jobs }: Standings, elsewhere: Elsewhere | undefined): ReasonCount[] {
  const counts = new Map<string, { standing: Standing; reason: string; jobs: number }>();
  for (const stage of table.stages)
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      const standing = STANDINGS[of[row]!]!;
      if (standing === "done" || standing === "failed") continue;
      const held = standing === "held" && jobs[row] ? heldFor(jobs[row]) : undefined;
      const reason = elsewhere?.get(keyOf(stage, i))?.reason ?? held;
      if (reason === undefined) continue;
      const id = `${standing} ${reason}`;
      const known = counts.get(id);
      if (known) known.jobs += 1;
      else counts.set(id, { standing, reason, jobs: 1 });
    }
  return [...counts.values()].sort((a, b) => b.jobs - a.jobs || (a.reason < b.reason ? -1 : 1));
}
