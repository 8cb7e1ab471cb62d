// cmc retry: lets failed jobs be tried again by the next apply. Records who and why; runs nothing.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { planCampaign, EVERYTHING } from "../../apply/planning.ts";
import type { Compiled } from "../../compile/compile.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { keyOfRow } from "../../expand/table.ts";
import { quoted } from "../../plan/shell.ts";
import { ACTIONS, type Plan, REASONS } from "../../plan/types.ts";
import { faultPoint } from "../../state/fault.ts";
import { openJournal } from "../../state/journal.ts";
import { acquireLock } from "../../state/lock.ts";
import { nextAttempt } from "../../state/job-state.ts";
import type { Context } from "../context.ts";
import { jobs as jobsText } from "../format/amount.ts";
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
  const seen = await choose(compiled, keys, options, undefined);
  if (options.dryRun || seen.jobs.length === 0) return say(context, seen, options);
  // Again under the lock: an apply that ended meanwhile may have added attempts that nobody has looked at.
  const lock = acquireLock(compiled.root, "retry", { user: userName(), now: context.now() });
  try {
    const chosen = await choose(compiled, keys, options, false);
    if (chosen.jobs.length > 0) record(context, compiled.root, chosen, options.because);
    return say(context, chosen, options);
  } finally {
    lock.release();
  }
}

interface Chosen {
  /** Keys of jobs that failed, and of each the number of its last attempt. */
  readonly jobs: readonly { readonly key: string; readonly through: number }[];
  /** Named, and not failed. */
  readonly others: readonly string[];
}

/** `live`: whether an apply runs; undefined asks the lock. */
async function choose(
  compiled: Compiled,
  keys: readonly string[],
  options: RetryOptions,
  live: boolean | undefined,
): Promise<Chosen> {
  const { plan, state } = await planCampaign(compiled, EVERYTHING, live);
  const rows = keys.length > 0 ? keys.map((key) => requireJob(plan.table, key)) : heldRows(plan, options);
  const [failed, others] = [rows.filter((row) => hasFailed(plan, row)), rows.filter((row) => !hasFailed(plan, row))];
  const jobs = failed.map((row) => {
    const key = keyOfRow(plan.table, row);
    return { key, through: nextAttempt(state.jobs.get(key)) - 1 };
  });
  return { jobs, others: others.map((row) => keyOfRow(plan.table, row)) };
}

/** Tried with what the campaign says now, without a result. */
function hasFailed(plan: Plan, row: number): boolean {
  return plan.action[row] === ACTIONS.indexOf("retry") || plan.reason[row] === HELD;
}

function record(context: Context, root: string, { jobs }: Chosen, reason: string): void {
  const journal = openJournal(root, { writer: "verb", run: `retry-${context.now().toString(36)}` });
  const [keys, through] = [jobs.map((job) => job.key), jobs.map((job) => job.through)];
  journal.append({ type: "retry-requested", at: context.now(), keys, through, user: userName(), reason });
  journal.close();
  faultPoint("retry/recorded");
}

function say(context: Context, { jobs, others }: Chosen, options: RetryOptions): number {
  if (options.json) {
    printJson(context, jobs.map(({ key }) => ({ type: "retry", key, recorded: !options.dryRun }))); // prettier-ignore
    return EXIT.ok;
  }
  for (const key of others)
    context.out(`${key} has no failed attempt; \`cmc apply --replace ${quoted(key)}\` runs it again.\n`);
  const more = jobs.length > 1 ? ` and ${count(jobs.length - 1)} ${jobs.length === 2 ? "other" : "others"}` : "";
  const what = options.dryRun ? "Would retry" : "Will be retried by the next apply";
  if (jobs.length > 0) context.out(`${what}: ${jobsText(jobs.length)}, ${jobs[0]!.key}${more}.\n`);
  else if (others.length === 0) context.out("No failed job is meant.\n");
  return EXIT.ok;
}

const HELD = REASONS.indexOf("attempts_exhausted");

function heldRows(plan: Plan, options: RetryOptions): number[] {
  const wanted = wantedRows(parseFilter(plan.table, options), (row) => REASONS[plan.reason[row]!]!);
  return Array.from({ length: plan.table.count }, (_, row) => row).filter(
    (row) => plan.reason[row] === HELD && (wanted?.(row) ?? true),
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
