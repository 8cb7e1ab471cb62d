// cmc plan: what apply would do to every job, and why. Writes nothing but caches.
import type { Compiled } from "../../compile/compile.ts";
import { planCampaign, type Planned, planSummary } from "../../apply/planning.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { gitFacts } from "../../observe/git.ts";
import { summaryOfRows } from "../../plan/summary.ts";
import { ACTIONS, type PlanSummary, type Refusal } from "../../plan/types.ts";
import type { Site } from "../../site/site.ts";
import { campaignAndJobs } from "../arguments.ts";
import type { Context } from "../context.ts";
import { listJobs, listKeys, type Wanted } from "../format/plan-jobs.ts";
import { keyObjects, planJobObjects, planObjects } from "../format/plan-json.ts";
import { formatPlan } from "../format/plan.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { planningOptions, type PlanningFlags } from "../planning-flags.ts";
import { refuseRefusals } from "../refusals.ts";
import type { Selection, SelectionOptions } from "../selection.ts";

interface PlanOptions extends CampaignOptions, PlanningFlags, SelectionOptions {
  readonly verbose?: boolean;
  readonly list?: boolean;
  readonly detailedExitcode?: boolean;
  readonly expectNoChanges?: boolean;
  readonly site?: string;
}

export async function plan(context: Context, args: readonly string[], options: PlanOptions): Promise<number> {
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const selection = await selectionOf(context, compiled, keys, options);
  const notice = uncommitted(compiled.campaignDir);
  const whole = async (): Promise<PlanSummary> => {
    const summary = await planSummary(compiled, planningOptions(options));
    const full = withNotice(summary, await notice);
    if (options.json) printJson(context, planObjects(full));
    else context.out(formatPlan(full, context));
    return summary;
  };
  const jobByJob = options.verbose || options.list || selection !== undefined;
  const site = options.site === undefined ? undefined : await siteNamed(context, options.site);
  const planned =
    jobByJob || site ? await planCampaign(compiled, planningOptions(options), undefined, site) : undefined;
  const summary = planned
    ? await printJobs(context, compiled.root, planned, selection, await notice, options)
    : await whole();
  const refused = planned && site ? await preview(context, planned, site, options) : [];
  refuseRefusals({ refusals: [...summary.refusals, ...refused] });
  return exitCode(summary, options);
}

/** Loaded when asked for: the plan itself needs no site. */
async function siteNamed(context: Context, name: string): Promise<Site> {
  return (await import("../../site/load.ts")).loadSite(name, context.cwd);
}

/** How the site would carry it out, and why not. */
async function preview(
  context: Context,
  { plan: value }: Planned,
  site: Site,
  options: PlanOptions,
): Promise<readonly Refusal[]> {
  const [{ previewOf }, { formatPreview }] = await Promise.all([
    import("../../apply/preview.ts"),
    import("../format/preview.ts"),
  ]);
  const preview = previewOf(value, site);
  if (!preview) return [];
  if (options.list) return preview.refusals;
  if (options.json) printJson(context, [{ type: "site", ...preview }]);
  else context.out(formatPreview(preview, context.width));
  return preview.refusals;
}

/** Undefined: all jobs. Loaded when asked for: a plan of everything looks at no row. */
async function selectionOf(
  context: Context,
  compiled: Compiled,
  keys: readonly string[],
  options: PlanOptions,
): Promise<Selection | undefined> {
  const { stage, where, reason, state } = options;
  if (keys.length === 0 && [stage, where, reason, state].every((text) => text === undefined)) return undefined;
  const { readSelection } = await import("../selection.ts");
  return readSelection(context, compiled.table(), keys, options);
}

/** Everything that needs the rows: -v, --list and selections. */
async function printJobs(
  context: Context,
  root: string,
  planned: Planned,
  selection: Selection | undefined,
  notice: string | undefined,
  options: PlanOptions,
): Promise<PlanSummary> {
  const { plan: value } = planned;
  const wanted =
    selection && (await import("../selection.ts")).selects(selection, planned, { root, now: context.now() });
  const left = selection?.left(value.forget);
  const summary = withNotice(wanted ? summaryOfRows(value, wanted, left ?? []) : value.summary, notice);
  print(context, planned, summary, { selection, wanted, left }, options);
  return value.summary;
}

/** A plan of uncommitted code cannot be traced back: everybody should see it. */
async function uncommitted(folder: string): Promise<string | undefined> {
  const dirty = (await gitFacts(folder))?.dirty.length ?? 0;
  return dirty === 0
    ? undefined
    : `The campaign's folder has ${dirty === 1 ? "an uncommitted change" : `${dirty} uncommitted changes`}; apply asks for --allow-dirty.`;
}

function withNotice(summary: PlanSummary, notice: string | undefined): PlanSummary {
  return notice === undefined ? summary : { ...summary, notices: [...summary.notices, notice] };
}

/** Undefined, all three: everything. */
interface Shown {
  readonly selection: Selection | undefined;
  readonly wanted: Wanted | undefined;
  readonly left: readonly string[] | undefined;
}

function print(
  context: Context,
  { plan: value }: Planned,
  summary: PlanSummary,
  { selection, wanted, left }: Shown,
  options: PlanOptions,
): void {
  if (options.list) {
    // Who names jobs, reasons or states means those that change nothing, too.
    const quiet =
      options.verbose === true || (selection?.named ?? selection?.reasons ?? selection?.states) !== undefined;
    const shown: Wanted = (row) => (wanted?.(row) ?? true) && (quiet || changes(ACTIONS[value.action[row]!]!));
    if (options.json) printJson(context, keyObjects(value, shown, left ?? []));
    else for (const line of listKeys(value, shown, left)) context.out(line);
  } else if (options.json) {
    printJson(context, options.verbose || wanted ? planJobObjects(summary, value, wanted, left) : planObjects(summary));
  } else {
    if (options.verbose) for (const line of listJobs(value, context, wanted, left)) context.out(line);
    if (options.verbose) context.out("\n");
    context.out(
      formatPlan(summary, {
        palette: context.palette,
        width: context.width,
        verbose: options.verbose === true,
        ...(selection ? { filter: selection.text } : {}),
      }),
    );
  }
}

const changes = (action: (typeof ACTIONS)[number]): boolean => action !== "keep" && action !== "wait";

function exitCode({ counts }: PlanSummary, options: PlanOptions): number {
  const something = counts.create + counts.rerun + counts.retry + counts.adopt + counts.move + counts.forget > 0;
  if (!something) return EXIT.ok;
  if (options.expectNoChanges) return EXIT.unexpectedChanges;
  return options.detailedExitcode ? EXIT.changes : EXIT.ok;
}
