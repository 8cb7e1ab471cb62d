// cmc explain JOB: why a job is as it is, what happened to it, and what would change it. Writes nothing but caches.
import { EVERYTHING, planCampaign } from "../../apply/planning.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { explain } from "../../plan/explain.ts";
import type { Context } from "../context.ts";
import { explanationObjects } from "../format/explain-json.ts";
import { formatExplanation } from "../format/explain.ts";
import { requireJob } from "../job.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

export async function explainJob(
  context: Context,
  key: string,
  campaign: string | undefined,
  options: CampaignOptions,
): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const row = requireJob(compiled.table(), key);
  const { plan, state, observations } = await planCampaign(compiled, EVERYTHING);
  const explanation = explain(plan.table, plan, state, observations, row, {
    root: compiled.root,
    campaignDir: compiled.campaignDir,
  });
  if (options.json) printJson(context, explanationObjects(explanation));
  else context.out(formatExplanation(explanation, context));
  return EXIT.ok;
}
