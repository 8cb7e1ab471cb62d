// cmc plan: what apply would do to every job, and why. Writes nothing but caches.
import { campaignGit, type Placed } from "../../apply/campaign-git.ts";
import type { Compiled } from "../../compile/compile.ts";
import { planCampaign, type Planned, planSummary } from "../../apply/planning.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { isIdle, summaryOfRows } from "../../plan/summary.ts";
import { ACTIONS, type Plan, type PlanSummary, type Refusal } from "../../plan/types.ts";
import type { Site } from "../../site/site.ts";
import { campaignAndJobs } from "../arguments.ts";
import type { Context } from "../context.ts";
import { listJobs, listKeys, type Wanted } from "../format/plan-jobs.ts";
import { keyObjects, planJobObjects, planObjects } from "../format/plan-json.ts";
import { formatMarkdown } from "../format/plan-markdown.ts";
import { formatPlan } from "../format/plan.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { planningOptions, type PlanningFlags } from "../planning-flags.ts";
import { refuseRefusals } from "../refusals.ts";
import type { Selection, SelectionOptions } from "../selection.ts";

/** How a plan is shown; `show` has them too. */
export interface ShownAs {
  readonly verbose?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
  /** Absent: text. main.ts makes `json` of "json". */
  readonly format?: "text" | "json" | "markdown";
}

interface PlanOptions extends CampaignOptions, PlanningFlags, SelectionOptions, ShownAs {
  /** File to save the plan to. */
  readonly out?: string;
  readonly allowDirty?: boolean;
  readonly detailedExitcode?: boolean;
  readonly expectNoChanges?: boolean;
  readonly site?: string;
}

export async function plan(context: Context, args: readonly string[], options: PlanOptions): Promise<number> {
  refuseIdle(options);
  const { out } = options;
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const selection = await selectionOf(context, compiled, keys, options);
  if (out !== undefined && selection) refusePart();
  const notice = uncommitted(compiled);
  const saver = out === undefined ? undefined : await import("../save-plan.ts");
  const saving = saver && (await saver.prepareToSave(context, compiled, { ...options, out: out! }));
  const whole = async (): Promise<PlanSummary> => {
    const summary = await planSummary(compiled, planningOptions(options));
    const full = withNotice(summary, await notice);
    if (options.json) printJson(context, planObjects(full));
    else context.out(options.format === "markdown" ? formatMarkdown(full, {}) : formatPlan(full, context));
    return summary;
  };
  const jobByJob = options.verbose || options.list || selection !== undefined || saver !== undefined;
  const site = options.site === undefined ? undefined : await siteNamed(context, options.site);
  const planned =
    jobByJob || site ? await planCampaign(compiled, planningOptions(options), undefined, site) : undefined;
  const summary = planned
    ? await printJobs(context, compiled.root, planned, selection, await notice, options)
    : await whole();
  const refused = planned && site ? await showPreview(context, planned.plan, site, options) : [];
  refuseRefusals({ refusals: [...summary.refusals, ...refused] });
  if (saver && saving) {
    const how = { ...options, out: out!, quiet: options.list === true || options.format === "markdown" };
    const saved = await saver.savePlan(context, compiled, planned!, planningOptions(options), saving, how);
    saver.sayWhereSaved(context, saved, saving, how);
  }
  return exitCode(summary, options);
}

/** Options that nothing would consume. */
function refuseIdle({ out, allowDirty, list, format }: PlanOptions): void {
  if (allowDirty && out === undefined)
    fail({ code: "cli/usage", message: "--allow-dirty is for -o FILE: to look at a plan nothing has to be committed", remedy: "Leave it out, or add -o FILE." }); // prettier-ignore
  refuseListAsTable({ list, format });
}

export function refuseListAsTable({ list, format }: Pick<ShownAs, "list" | "format">): void {
  if (list && format === "markdown")
    fail({ code: "cli/usage", message: "--list prints bare keys, and --format markdown a table", remedy: "Say one of them." }); // prettier-ignore
}

/** What is saved is what was looked at. */
function refusePart(): never {
  return fail({ code: "cli/usage", message: "-o saves the whole plan, and only some of its jobs would be shown", remedy: "Narrow the plan itself (--target, --limit), or look at parts of it afterwards: `cmc show FILE --stage mock`." }); // prettier-ignore
}

/** Loaded when asked for: the plan itself needs no site. */
async function siteNamed(context: Context, name: string): Promise<Site> {
  return (await import("../../site/load.ts")).loadSite(name, context.cwd);
}

/** How the site would carry it out, and why not. */
export async function showPreview(
  context: Context,
  value: Plan,
  site: Site,
  options: ShownAs,
): Promise<readonly Refusal[]> {
  const [{ previewOf }, { formatPreview }] = await Promise.all([
    import("../../apply/preview.ts"),
    import("../format/preview.ts"),
  ]);
  const preview = previewOf(value, site);
  if (!preview) return [];
  if (options.list) return preview.refusals;
  if (options.json) printJson(context, [{ type: "site", ...preview }]);
  else if (options.format === "markdown")
    context.out(`\n\`\`\`text${formatPreview(preview, Infinity)}\`\`\`\n`); // a block keeps its columns
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
export async function printJobs(
  context: Context,
  root: string,
  planned: Pick<Planned, "plan" | "state">,
  selection: Selection | undefined,
  notice: string | undefined,
  options: ShownAs,
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
async function uncommitted(placed: Placed): Promise<string | undefined> {
  const dirty = (await campaignGit(placed))?.dirty.length ?? 0;
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
  { plan: value }: Pick<Planned, "plan">,
  summary: PlanSummary,
  { selection, wanted, left }: Shown,
  options: ShownAs,
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
  } else if (options.format === "markdown") {
    const only = selection ? { filter: selection.text } : {};
    context.out(formatMarkdown(summary, { verbose: options.verbose === true, ...only }));
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

function exitCode(summary: PlanSummary, options: PlanOptions): number {
  if (isIdle(summary)) return EXIT.ok;
  if (options.expectNoChanges) return EXIT.unexpectedChanges;
  return options.detailedExitcode ? EXIT.changes : EXIT.ok;
}
