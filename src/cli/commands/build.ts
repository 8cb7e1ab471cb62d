// cmc build: renders the bundle of what apply would run, and says where it is. Runs nothing.
import { resolve } from "node:path";
import { EXIT } from "../../diagnostics/exit.ts";
import { publishBundle } from "../../apply/bundle.ts";
import { EVERYTHING, planCampaign } from "../../apply/planning.ts";
import { generatedFolder } from "../../apply/generated.ts";
import { loadSite } from "../../site/load.ts";
import { plannedJobs } from "../../plan/batches.ts";
import type { Context } from "../context.ts";
import { count } from "../format/quantity.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface BuildOptions extends CampaignOptions {
  readonly site: string;
  readonly out?: string;
}

export async function build(context: Context, campaign: string | undefined, options: BuildOptions): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const { plan } = await planCampaign(compiled, EVERYTHING);
  const site = await loadSite(options.site, context.cwd);
  const folder = options.out === undefined ? generatedFolder(compiled) : resolve(context.cwd, options.out);
  const bundle = await publishBundle(compiled, plan, site, folder);
  const jobs = plannedJobs(plan);
  if (options.json)
    printJson(context, [
      {
        type: "bundle",
        dir: bundle.dir,
        digest: bundle.digest,
        written: bundle.written,
        jobs,
        batches: plan.batches.length,
      },
    ]);
  else
    context.out(
      `${bundle.dir}\n${count(jobs)} jobs in ${count(plan.batches.length)} batches${bundle.written ? "" : " (unchanged)"}.\n`,
    );
  return EXIT.ok;
}
