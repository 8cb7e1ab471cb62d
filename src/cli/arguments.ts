// `cmc retry campaigns/x 'mock[...]'`: what exists as a file is the campaign, the rest are jobs.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Context } from "./context.ts";

export interface CampaignAndJobs {
  readonly campaign: string | undefined;
  readonly keys: readonly string[];
}

export function campaignAndJobs({ cwd }: Context, args: readonly string[]): CampaignAndJobs {
  const isCampaign = (text: string) =>
    existsSync(resolve(cwd, text)) || existsSync(resolve(cwd, "campaigns", text, "campaign.ts"));
  const campaign = args.find(isCampaign);
  return { campaign, keys: args.filter((text) => text !== campaign) };
}
