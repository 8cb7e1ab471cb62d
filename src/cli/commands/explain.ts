// cmc explain JOB: why a job is as it is, what happened to it, and what would change it. Writes nothing but caches.
import { type ClusterView, viewCluster } from "../../apply/cluster-view.ts";
import { planCampaign } from "../../apply/planning.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { explain } from "../../plan/explain.ts";
import { heldFor } from "../../state/job-state.ts";
import type { Context } from "../context.ts";
import { explanationObjects } from "../format/explain-json.ts";
import { formatExplanation, type JobProgress } from "../format/explain.ts";
import { requireJob } from "../job.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { planningOptions, type PlanningFlags } from "../planning-flags.ts";

export async function explainJob(
  context: Context,
  key: string,
  campaign: string | undefined,
  options: CampaignOptions & PlanningFlags,
): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const row = requireJob(compiled.table(), key);
  const { plan, state, observations } = await planCampaign(compiled, planningOptions(options));
  const explanation = explain(plan.table, plan, state, observations, row, {
    root: compiled.root,
    campaignDir: compiled.campaignDir,
  });
  const now = context.now();
  const view = viewCluster(compiled.root, now);
  const progress = progressOf(view, explanation.key);
  if (options.json) printJson(context, explanationObjects(explanation, progress));
  else context.out(formatExplanation(explanation, context, progress && { ...progress, now }));
  return EXIT.ok;
}

/** Undefined: no run in progress has anything to do with it, and nobody holds it. */
function progressOf({ jobs, state, heartbeat }: ClusterView, key: string): JobProgress | undefined {
  const job = jobs.get(key);
  const known = state.jobs.get(key);
  const held = known && heldFor(known) !== undefined ? known.held : undefined;
  const lane = job?.place?.kind === "task" ? state.submissions.get(job.place.token)?.intended?.lane : undefined;
  if (!job && !held) return undefined;
  const seenAt = heartbeat?.seen?.at;
  return {
    ...(job ? { job } : {}),
    ...(held ? { held } : {}),
    ...(lane === undefined ? {} : { lane }),
    ...(seenAt === undefined ? {} : { seenAt }),
  };
}
