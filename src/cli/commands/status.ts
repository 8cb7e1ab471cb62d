// cmc status: how far a campaign is, what failed, which gates did not pass. A view of the journal; writes nothing but caches.
import { EVERYTHING, isLive, planCampaign } from "../../apply/planning.ts";
import type { Compiled } from "../../compile/compile.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { status as statusOf } from "../../insight/status.ts";
import { readLock } from "../../state/lock.ts";
import { readJournals } from "../../state/read-journal.ts";
import type { Context } from "../context.ts";
import { formatStatus } from "../format/status.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface StatusOptions extends CampaignOptions {
  readonly check?: boolean;
}

export async function status(context: Context, campaign: string | undefined, options: StatusOptions): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const { root } = compiled;
  const { state, problems } = readJournals(root).fold();
  printDiagnostics(context, problems, options.json);
  const view = statusOf(compiled.table(), state, { now: context.now(), live: isLive(root) });
  const lock = readLock(root);
  if (options.json) {
    const { failures, gates, stages, ...rest } = view;
    printJson(context, [
      { type: "status", root, ...rest, ...(lock ? { lock } : {}) },
      ...stages.map((stage) => ({ type: "stage", ...stage })),
      ...failures.map((failure) => ({ type: "failure", ...failure })),
      ...gates.map((gate) => ({ type: "gate", ...gate })),
    ]);
  } else context.out(formatStatus(view, { root, ...(lock ? { lock } : {}) }, context));
  if (!options.check) return EXIT.ok;
  const { failed, blocked } = view.total;
  return failed + blocked > 0 || (await lacksInputs(compiled)) ? EXIT.failedJobs : EXIT.ok;
}

/** The journal does not know of input files that are not there: the plan looks. */
async function lacksInputs(compiled: Compiled): Promise<boolean> {
  const { counts } = (await planCampaign(compiled, EVERYTHING)).plan.summary;
  return counts.block + counts.hold > 0;
}
