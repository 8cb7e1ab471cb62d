// cmc estimate: what the whole campaign costs, and how long it takes, as if nothing were done. Writes nothing but caches.
import { estimateCampaign } from "../../apply/estimate.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { loadSite } from "../../site/load.ts";
import type { Context } from "../context.ts";
import { estimateObjects, formatEstimate } from "../format/estimate.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface EstimateOptions extends CampaignOptions {
  readonly site?: string;
  readonly nodes?: number;
}

export async function estimate(
  context: Context,
  campaign: string | undefined,
  options: EstimateOptions,
): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const site = options.site === undefined ? undefined : await loadSite(options.site, context.cwd);
  const { nodes } = options;
  const estimated = estimateCampaign(compiled, { ...(site ? { site } : {}), ...(nodes === undefined ? {} : { nodes }) }); // prettier-ignore
  if (options.json) printJson(context, estimateObjects(estimated));
  else context.out(formatEstimate(estimated, { ...context, ...(nodes === undefined ? {} : { nodes }) }));
  return EXIT.ok;
}
