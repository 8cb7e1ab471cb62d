// A saved plan named on the command line: told from a campaign by its first bytes, read, and made ready to be applied. No TypeScript is evaluated.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { FromFile } from "../apply/apply.ts";
import { isPlanFile, type PlanFile, readPlanFile } from "../apply/plan-file.ts";
import type { PlanningOptions } from "../apply/planning.ts";
import { campaignOf } from "../apply/saved-plan.ts";
import { fromFile, requireRoot } from "../apply/stale.ts";
import { cacheBase } from "../compile/cache/place.ts";
import type { ReadyCampaign } from "../compile/compile.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import { PLAIN } from "../diagnostics/palette.ts";
import type { PlanSummary } from "../plan/types.ts";
import type { Context } from "./context.ts";
import { instant } from "./format/amount.ts";
import { planObjects } from "./format/plan-json.ts";
import { lastLines } from "./format/plan.ts";
import { generatedFolder } from "../apply/generated.ts";
import { printJson } from "./json-output.ts";
import { refuseRefusals } from "./refusals.ts";

export interface ReadyPlan {
  readonly file: PlanFile;
  readonly shown: string;
  readonly campaign: ReadyCampaign;
  readonly planning: PlanningOptions;
  readonly from: FromFile;
  readonly generatedDir: string;
  /** Words for the next command. Absent: the campaign's source is not on this machine. */
  readonly given: string | undefined;
}

/** How it is carried out may be said; what is done is in the file. */
const ALLOWED: ReadonlySet<string> = new Set(["base", "json", "jobs", "memory", "autoApprove"]);

/** Undefined: it names no file that is a saved plan, or was one. */
export async function savedPlanNamed(
  context: Context,
  named: string | undefined,
  options: object,
): Promise<ReadyPlan | undefined> {
  const path = named === undefined ? undefined : resolve(context.cwd, named);
  if (named === undefined || path === undefined) return undefined;
  if (!isPlanFile(path)) {
    refuseForeign(path, named);
    return undefined;
  }
  refuseOptions(named, options, ALLOWED);
  const { base } = options as { readonly base?: string };
  const file = readPlanFile(path, named);
  const cacheDir = cacheBase(context.env);
  const campaign = campaignOf(file.saved, base === undefined ? undefined : resolve(context.cwd, base), cacheDir);
  requireRoot(file.saved, campaign.root, named);
  const { campaignDir, root } = campaign;
  const here = existsSync(campaignDir);
  return {
    file,
    shown: named,
    campaign,
    planning: file.saved.options,
    from: await fromFile(file, { shown: named, cwd: context.cwd }),
    generatedDir: here ? generatedFolder(campaign) : join(dirname(root), "generated"),
    given: here ? file.saved.made.given : undefined,
  };
}

/** A file that is neither a module nor a saved plan: who names it means a plan. */
function refuseForeign(path: string, named: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() && !/\.[cm]?[jt]sx?$/.test(path))
    refuseAsPlan(path, named, "is neither a campaign module nor a saved plan");
}

/** Throws plan/file. */
export function refuseAsPlan(path: string, named: string, what: string): never {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    fail({ code: "plan/file", message: `${named} cannot be read: permission denied` });
  }
  return fail({ code: "plan/file", message: `${named} ${what}` });
}

/** Throws cli/usage: what was decided when the plan was saved cannot be decided again. */
export function refuseOptions(named: string, options: object, allowed: ReadonlySet<string>): void {
  const flags = Object.entries(options).flatMap(([name, value]) => allowed.has(name) || value === undefined || value === false ? [] : [flagOf(name)]); // prettier-ignore
  if (flags.length === 0) return;
  fail({
    code: "cli/usage",
    message: `${flags.join(", ")} cannot be said of a saved plan (${named})`,
    remedy: "Say it to `cmc plan -o FILE`, and apply that.",
  });
}

/** `allowDirty` -> `--allow-dirty`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Before it is carried out. It was looked at when it was saved: only what it comes to is said. */
export function announce(context: Context, { file, shown }: ReadyPlan, summary: PlanSummary, json = false): void {
  refuseRefusals(summary);
  if (json) return printJson(context, planObjects(summary));
  const { at, user, host } = file.saved.made;
  context.out(`Applying ${shown}, saved at ${instant(at)} by ${user}@${host}.\n${lastLines(summary, { palette: PLAIN, width: context.width }).join("\n")}\n`); // prettier-ignore
}
