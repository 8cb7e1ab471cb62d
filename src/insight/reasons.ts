// Reasons: why jobs stand where they stand, counted, where somebody has said so. What failed, and how, is in findings.ts.
import { type JobTable, keyOf } from "../expand/table.ts";
import { heldFor, type JobState } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";
import { doubtOf } from "../state/verification.ts";
import { type Elsewhere, type Standing, STANDINGS, type Standings } from "./standing.ts";

export interface ReasonCount {
  readonly standing: Standing;
  readonly reason: string;
  readonly jobs: number;
}

function ownReason(standing: Standing, job: JobState | undefined, verified: State["verified"]): string | undefined {
  if (standing === "held") return job && heldFor(job);
  const doubt = doubtOf(verified, job?.accepted?.attemptId);
  return doubt && `its result is not what its receipt says, as ${doubt.user} found (cmc verify)`;
}

/** Most frequent first. */
export function reasonsIn(
  table: JobTable,
  { of, jobs }: Standings,
  verified: State["verified"],
  elsewhere: Elsewhere | undefined,
): ReasonCount[] {
  const counts = new Map<string, { standing: Standing; reason: string; jobs: number }>();
  for (const stage of table.stages)
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      const standing = STANDINGS[of[row]!]!;
      if (standing === "done" || standing === "failed") continue;
      const reason = elsewhere?.get(keyOf(stage, i))?.reason ?? ownReason(standing, jobs[row], verified);
      if (reason === undefined) continue;
      const id = `${standing} ${reason}`;
      const known = counts.get(id);
      if (known) known.jobs += 1;
      else counts.set(id, { standing, reason, jobs: 1 });
    }
  return [...counts.values()].sort((a, b) => b.jobs - a.jobs || (a.reason < b.reason ? -1 : 1));
}
