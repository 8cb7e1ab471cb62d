// cmc retry: lets failed and held jobs be tried again, by the next tick where a run is in progress, else by the next apply. Records who and why; runs nothing.
import { type ClusterView, viewCluster } from "../../apply/cluster-view.ts";
import { acquireLockPatiently } from "../../apply/patient-lock.ts";
import { EVERYTHING, planCampaign } from "../../apply/planning.ts";
import type { Compiled } from "../../compile/compile.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { keyOfRow } from "../../expand/table.ts";
import { quoted } from "../../plan/shell.ts";
import { ACTIONS, type Plan, REASONS } from "../../plan/types.ts";
import { faultPoint } from "../../state/fault.ts";
import { openJournal } from "../../state/journal.ts";
import { heldFor, nextAttempt } from "../../state/job-state.ts";
import type { State } from "../../state/reduce.ts";
import { campaignAndJobs } from "../arguments.ts";
import type { Context } from "../context.ts";
import { jobs as jobsText } from "../format/amount.ts";
import { standingText } from "../format/cluster-status.ts";
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

/** Without jobs or filters: every job that is held, by a person, by a tick, or because its tries are exhausted. */
export async function retry(context: Context, args: readonly string[], options: RetryOptions): Promise<number> {
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const seen = await choose(compiled, keys, options, context.now(), undefined);
  if (options.dryRun || seen.jobs.length === 0) return say(context, seen, options);
  // Again under the lock: an apply that ended meanwhile may have added attempts that nobody has looked at.
  const onWait = (holder: string) => context.err(`${holder} is at work; waiting for it to end.\n`);
  const lock = await acquireLockPatiently(compiled.root, "retry", { user: userName(), now: () => context.now(), onWait }); // prettier-ignore
  try {
    const chosen = await choose(compiled, keys, options, context.now(), false);
    if (chosen.jobs.length > 0) record(context, compiled.root, chosen, options.because);
    return say(context, chosen, options);
  } finally {
    lock.release();
  }
}

interface Chosen {
  /** Keys of jobs that failed or are held, and of each the number of its last attempt. */
  readonly jobs: readonly { readonly key: string; readonly through: number }[];
  /** Named, and neither failed nor held. */
  readonly others: readonly string[];
  readonly cluster: ClusterView;
}

/** `live`: whether an apply runs; undefined asks the lock. */
async function choose(
  compiled: Compiled,
  keys: readonly string[],
  options: RetryOptions,
  now: number,
  live: boolean | undefined,
): Promise<Chosen> {
  const { plan, state } = await planCampaign(compiled, EVERYTHING, live);
  const cluster = viewCluster(compiled.root, now);
  const isHeld = (row: number) => HELD.has(plan.reason[row]!) || heldByWord(plan, state, cluster, row);
  const rows = keys.length > 0 ? keys.map((key) => requireJob(plan.table, key)) : heldRows(plan, options, isHeld);
  const [failed, others]: [number[], number[]] = [[], []];
  for (const row of rows) (plan.action[row] === RETRY || isHeld(row) ? failed : others).push(row);
  const jobs = failed.map((row) => {
    const key = keyOfRow(plan.table, row);
    return { key, through: nextAttempt(state.jobs.get(key)) - 1 };
  });
  return { jobs, others: others.map((row) => keyOfRow(plan.table, row)), cluster };
}

/** Tried with what the campaign says now, without a result. */
const RETRY = ACTIONS.indexOf("retry");

/** The plan leaves alone what is in a scheduler's hands; a run in progress may have given up what a later plan would try. */
function heldByWord({ table }: Plan, state: State, { jobs }: ClusterView, row: number): boolean {
  if (state.jobs.size === 0) return false;
  const key = keyOfRow(table, row);
  const job = state.jobs.get(key);
  if (!job) return false;
  const running = jobs.get(key)?.standing;
  return running === "failed" || running === "held" || (running !== undefined && heldFor(job) !== undefined);
}

function record(context: Context, root: string, { jobs }: Chosen, reason: string): void {
  const journal = openJournal(root, { writer: "verb", run: `retry-${context.now().toString(36)}` });
  const [keys, through] = [jobs.map((job) => job.key), jobs.map((job) => job.through)];
  journal.append({ type: "retry-requested", at: context.now(), keys, through, user: userName(), reason });
  journal.close();
  faultPoint("retry/recorded");
}

function say(context: Context, chosen: Chosen, options: RetryOptions): number {
  const { jobs, others, cluster } = chosen;
  const soon = jobs.filter(({ key }) => cluster.jobs.has(key)).length;
  if (options.json) {
    printJson(context, jobs.map(({ key }) => ({ type: "retry", key, recorded: !options.dryRun, by: cluster.jobs.has(key) ? "tick" : "apply" }))); // prettier-ignore
    return EXIT.ok;
  }
  for (const key of others) context.out(`${key} ${otherwise(key, cluster)}\n`);
  const more = jobs.length > 1 ? ` and ${count(jobs.length - 1)} ${jobs.length === 2 ? "other" : "others"}` : "";
  const who = soon === 0 ? "apply" : soon === jobs.length ? "tick" : `tick (${count(soon)}) and the next apply (${count(jobs.length - soon)})`; // prettier-ignore
  const what = options.dryRun ? "Would retry" : `Will be retried by the next ${who}`;
  if (jobs.length > 0) context.out(`${what}: ${jobsText(jobs.length)}, ${jobs[0]!.key}${more}.\n`);
  else if (others.length === 0) context.out("No failed or held job is meant.\n");
  return EXIT.ok;
}

/** What is wrong with retrying it. */
function otherwise(key: string, { jobs }: ClusterView): string {
  const standing = jobs.get(key)?.standing;
  if (standing !== undefined) return `is neither failed nor held: ${standingText(standing)}, in a run that is in progress.`; // prettier-ignore
  return `has no failed attempt; \`cmc apply --replace ${quoted(key)}\` runs it again.`;
}

/** Out of tries, or held by a tick. */
const HELD: ReadonlySet<number> = new Set([REASONS.indexOf("attempts_exhausted"), REASONS.indexOf("held")]);

function heldRows(plan: Plan, options: RetryOptions, isHeld: (row: number) => boolean): number[] {
  const wanted = wantedRows(parseFilter(plan.table, options), (row) => REASONS[plan.reason[row]!]!);
  return Array.from({ length: plan.table.count }, (_, row) => row).filter(
    (row) => isHeld(row) && (wanted?.(row) ?? true),
  );
}
