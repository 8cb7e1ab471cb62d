// cmc force-unlock ID: breaks a lock that only a person can know to be abandoned (its holder was on another host).
import { DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { forceUnlock, readLock } from "../../state/lock.ts";
import type { Context } from "../context.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

export async function forceUnlockCommand(
  context: Context,
  id: string,
  campaign: string | undefined,
  options: CampaignOptions,
): Promise<number> {
  const { root } = await openCampaign(context, campaign, options);
  if (!forceUnlock(root, id)) {
    const held = readLock(root);
    const message = held ? `the campaign is locked by ${held.id}, not ${id}` : "the campaign is not locked";
    throw new DiagnosticError([{ code: "state/no-such-lock", severity: "error", message }]);
  }
  if (options.json) printJson(context, [{ type: "unlocked", id }]);
  else context.out(`Lock ${id} is broken. If its holder still runs, stop it before you apply.\n`);
  return EXIT.ok;
}
