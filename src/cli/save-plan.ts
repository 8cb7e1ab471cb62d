// `cmc plan -o FILE`: where the file may lie, what the campaign's folder must be like, and what is written. Loaded when it is asked for.
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isPlanFile, writePlanFile } from "../apply/plan-file.ts";
import type { Planned, PlanningOptions } from "../apply/planning.ts";
import { savedPlan } from "../apply/saved-plan.ts";
import { isBelow } from "../apply/storage.ts";
import type { Compiled } from "../compile/compile.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import { sha256 } from "../ir/canonical.ts";
import { sourceFacts } from "../apply/facts.ts";
import type { SourceFacts } from "../state/apply-facts.ts";
import { quoted } from "../plan/shell.ts";
import { loadSite, SITE_NAMES } from "../site/load.ts";
import type { Context } from "./context.ts";
import { requireClean } from "./dirty.ts";
import { asGiven } from "./format/outcome.ts";
import { bytes as size } from "./format/quantity.ts";
import { printJson } from "./json-output.ts";
import type { CampaignOptions } from "./open.ts";
import { whoAmI } from "./who.ts";

export interface SaveOptions extends CampaignOptions {
  readonly out: string;
  readonly allowDirty?: boolean;
  readonly site?: string;
}

/** Asked before anything is planned. */
export interface Saving {
  readonly file: string;
  readonly source: SourceFacts;
  readonly rootExisted: boolean;
}

/** Throws cli/usage and apply/dirty. */
export async function prepareToSave(context: Context, compiled: Compiled, options: SaveOptions): Promise<Saving> {
  const file = placeOf(context, compiled.root, options.out);
  const source = await sourceFacts(compiled, [file]);
  if (!options.allowDirty && source.git) requireClean(source.git);
  return { file, source, rootExisted: existsSync(compiled.root) };
}

export async function savePlan(
  context: Context,
  compiled: Compiled,
  planned: Planned,
  planning: PlanningOptions,
  { file, source, rootExisted }: Saving,
  options: SaveOptions,
): Promise<{ readonly id: string; readonly bytes: number }> {
  const { cwd } = context;
  const name = options.site ?? "local";
  const saved = await savedPlan({
    compiled,
    planned,
    options: planning,
    site: { profile: SITE_NAMES.includes(name) ? name : resolve(cwd, name), value: await loadSite(name, cwd) },
    made: {
      at: context.now(),
      ...whoAmI(),
      command: ["cmc", ...context.words].map(quoted).join(" "),
      cwd,
      given: asGiven(compiled.file.replace(/\/campaign\.ts$/, ""), absolute(options, cwd)),
    },
    rootExisted,
    files: options.vars === undefined ? [] : [fileOf(resolve(cwd, options.vars))],
    source,
  });
  return writePlanFile(file, saved);
}

export function sayWhereSaved(
  context: Context,
  { id, bytes }: { readonly id: string; readonly bytes: number },
  { file }: Saving,
  options: SaveOptions & { readonly quiet: boolean },
): void {
  if (options.json) printJson(context, [{ type: "saved", file, id, bytes }]);
  else {
    const name = quoted(options.out);
    const text = `Saved ${options.out}, ${size(bytes)}. Next: \`cmc show ${name}\` prints it, \`cmc apply ${name}\` does exactly this, or refuses.\n`;
    // What is printed is for somebody else: a list of keys, a table for a pull request.
    if (options.quiet) context.err(text);
    else context.out(`\n${text}`);
  }
}

/** Absolute. */
function placeOf({ cwd }: Context, root: string, out: string): string {
  const given = resolve(cwd, out);
  const folder = dirname(given);
  const refuse = (why: string, remedy: string) => fail({ code: "cli/usage", message: `-o ${out}: ${why}`, remedy });
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) refuse(`there is no folder ${folder}`, "Make it, or name another file."); // prettier-ignore
  const there = statSync(given, { throwIfNoEntry: false });
  // A link is written where it leads to.
  const file = there ? realpathSync(given) : join(realpathSync(folder), given.slice(folder === "/" ? 1 : folder.length + 1)); // prettier-ignore
  if (isBelow(folder, root) || isBelow(file, root) || given === root)
    refuse(
      `it lies in the campaign root ${root}, which holds results`,
      "Name a file elsewhere, beside the campaign for example.",
    );
  if (there && !(there.isFile() && (there.size === 0 || isPlanFile(given))))
    refuse("it is there, and it is no saved plan", "Name another file, or remove that one.");
  return file;
}

function fileOf(path: string): readonly [string, string] {
  return [path, sha256(readFileSync(path))];
}

function absolute({ set, vars, base }: SaveOptions, cwd: string): Parameters<typeof asGiven>[1] {
  return {
    ...(set ? { set } : {}),
    ...(vars === undefined ? {} : { vars: resolve(cwd, vars) }),
    ...(base === undefined ? {} : { base: resolve(cwd, base) }),
  };
}
