// Array or pool? A stage's word, then the campaign's, then the site's; `auto` decides by a rule. Pure; shown in the plan.
import type { CampaignIR } from "../ir/campaign.ts";
import type { Mode, StageIR } from "../ir/stage.ts";
import type { Site } from "./site.ts";

/** Below this, queueing and starting an array task costs more than a job; a pool's packs are about as long. */
export const SHORT_SECONDS = 600;

/** @param walltime of one job; undefined: nobody said  @param tasks array tasks that the stage would be */
export function modeOf(
  site: Site,
  { execution }: CampaignIR,
  stage: StageIR,
  walltime: number | undefined,
  tasks: number,
): Mode {
  // There is no queue: every job is claimed by the next free worker anyway.
  if (site.executor === "local") return "array";
  const said = stage.mode ?? execution.mode;
  if (said !== undefined) return said;
  if (site.pool.when !== "auto") return site.pool.when === "always" ? "pool" : "array";
  return walltime !== undefined && walltime < SHORT_SECONDS && tasks > queueTakes(site) ? "pool" : "array";
}

/** Array tasks that fit into the queue at once. */
function queueTakes({ limits, lanes }: Site): number {
  const caps = lanes.map(({ cap }) => cap ?? Infinity);
  const inLanes = lanes.length > 0 ? caps.reduce((sum, cap) => sum + cap, 0) : Infinity;
  return Math.min(limits.maxSubmit ?? Infinity, inLanes);
}
