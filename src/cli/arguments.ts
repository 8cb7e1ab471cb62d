// `cmc retry campaigns/x 'mock[...]' -`: what exists as a file is the campaign, the rest are jobs; `-` stands for keys on standard input.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Context } from "./context.ts";
import { inReach } from "./locate.ts";

export interface CampaignAndJobs {
  readonly campaign: string | undefined;
  readonly keys: readonly string[];
}

export function campaignAndJobs({ cwd }: Context, args: readonly string[]): CampaignAndJobs {
  const isCampaign = (text: string) =>
    existsSync(resolve(cwd, text)) || existsSync(resolve(cwd, "campaigns", text, "campaign.ts"));
  // A path that is not there is a campaign that is not found, and so is a name where no campaign is in reach: neither is a job.
  const isMeantAsCampaign = (text: string) =>
    !text.includes("[") && text !== "-" && (/[/\\]|\.ts$/.test(text) || !inReach(cwd));
  const campaign = args.find(isCampaign) ?? args.find(isMeantAsCampaign);
  return { campaign, keys: args.filter((text) => text !== campaign) };
}
