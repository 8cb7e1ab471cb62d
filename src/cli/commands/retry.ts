// cmc retry: lets failed jobs be tried again by the next apply. Records who and why; runs nothing.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { planCampaign, EVERYTHING } from "../../apply/planning.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { keyOfRow } from "../../expand/table.ts";
import { type Plan, REASONS } from "../../plan/types.ts";
import { openJournal } from "../../state/journal.ts";
import { acquireLock } from "../../state/lock.ts";
import { nextAttempt } from "../../state/job-state.ts";
import type { Context } from "../context.ts";
import { count } from "../format/quantity.ts";
import { type FilterOptions, parseFilter, wantedRows } from "../format/plan-filter.ts";
import { requireJob } from "../job.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { userName } from "../who.ts";

interface RetryOptions extends CampaignOptions, FilterOptions {
  readonly because: string;
  readonly dryRun?: boolean;
}

/** Without jobs or filters: every job that is held because its tries are exhausted. */
export async function retry(context: Context, args: readonly string[], options: RetryOptions): Promise<number> {
  const { campaign, keys } = sortArguments(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const planned = await planCampaign(compiled, EVERYTHING);
  const { plan, state } = planned;
  const rows = keys.length > 0 ? keys.map((key) => requireJob(plan.table, key)) : heldRows(plan, options);
  const chosen = rows.map((row) => keyOfRow(plan.table, row)).filter((key) => state.jobs.get(key)?.last !== undefined);
  if (chosen.length > 0 && !options.dryRun) {
    const lock = acquireLock(compiled.root, "retry", { user: userName(), now: context.now() });
    try {
      const journal = openJournal(compiled.root, { writer: "verb", run: `retry-${context.now().toString(36)}` });
      const through = chosen.map((key) => nextAttempt(state.jobs.get(key)) - 1);
      journal.append({
        type: "retry-requested",
        at: context.now(),
        keys: chosen,
        through,
        user: userName(),
        reason: options.because,
      });
      journal.close();
    } finally {
      lock.release();
    }
  }
  if (options.json)
    printJson(context, "retry", chosen.map((key) => ({ type: "retry", key, recorded: !options.dryRun }))); // prettier-ignore
  else
    context.out(
      chosen.length === 0
        ? "No failed job is meant.\n"
        : `${options.dryRun ? "Would retry" : "Will be retried by the next apply"}: ${count(chosen.length)} jobs, ${chosen[0]}${chosen.length > 1 ? " and others" : ""}.\n`,
    );
  return EXIT.ok;
}

function heldRows(plan: Plan, options: RetryOptions): number[] {
  const wanted = wantedRows(parseFilter(plan.table, options), (row) => REASONS[plan.reason[row]!]!);
  const held = REASONS.indexOf("attempts_exhausted");
  return Array.from({ length: plan.table.count }, (_, row) => row).filter(
    (row) => plan.reason[row] === held && (wanted?.(row) ?? true),
  );
}

/** `cmc retry campaigns/x 'mock[...]'`: what exists as a file is the campaign, the rest are jobs. */
function sortArguments(
  context: Context,
  args: readonly string[],
): { campaign: string | undefined; keys: readonly string[] } {
  const isCampaign = (text: string) =>
    existsSync(resolve(context.cwd, text)) || existsSync(resolve(context.cwd, "campaigns", text, "campaign.ts"));
  const campaign = args.find(isCampaign);
  return { campaign, keys: args.filter((text) => text !== campaign) };
}
