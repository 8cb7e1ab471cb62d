// cmc diff: two versions of a campaign, job by job: applies, bundles, git revisions, or what is here. Writes nothing but caches.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleVersion } from "../../apply/bundle-version.ts";
import { commitNamed, compileRevision } from "../../apply/revision.ts";
import type { Compiled } from "../../compile/compile.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { runsNamed } from "../../insight/history.ts";
import { compare, type Comparison } from "../../plan/compare.ts";
import { inForce } from "../../plan/in-force.ts";
import { type Version, versionOf } from "../../plan/version.ts";
import type { JobTable } from "../../expand/table.ts";
import { INDEX_FILE } from "../../render/bundle.ts";
import { readJournals } from "../../state/read-journal.ts";
import type { State } from "../../state/reduce.ts";
import type { RunState } from "../../state/run-state.ts";
import type { Context } from "../context.ts";
import { formatComparison, listChanges, type Side } from "../format/diff.ts";
import { generatedFolder } from "../../apply/generated.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, compileRequest, openCampaign } from "../open.ts";
import { oneRun } from "../run-name.ts";

interface DiffOptions extends CampaignOptions {
  readonly verbose?: boolean;
}

interface Place {
  readonly context: Context;
  readonly campaign: string | undefined;
  readonly options: DiffOptions;
  readonly compiled: Compiled;
  readonly state: State;
}

/** A source is a table; a bundle can be read as a version only. */
type Resolved = { readonly side: Side; readonly table: JobTable } | { readonly side: Side; readonly version: Version };

export async function diff(
  context: Context,
  first: string,
  others: readonly string[],
  options: DiffOptions,
): Promise<number> {
  const { names, campaign } = sorted(context, [first, ...others]);
  if (names.length === 0 || names.length > 2)
    fail({
      code: "cli/usage",
      message: `diff compares two versions, or one with what is here; ${names.length} are named`,
    });
  const compiled = await openCampaign(context, campaign, options);
  const { state, problems } = readJournals(compiled.root).fold();
  printDiagnostics(context, problems, options.json);
  const place: Place = { context, campaign, options, compiled, state };
  const old = await resolveVersion(place, names[0]!);
  const now = names[1] === undefined ? hereVersion(place) : await resolveVersion(place, names[1]);
  // A bundle holds the recipes in force when it was made: against one, a source is held to those of today. Two sources are taken at their word.
  const held = "version" in old || "version" in now;
  const version = (one: Resolved) => "version" in one ? one.version : versionOf(held ? inForce(one.table, state) : one.table); // prettier-ignore
  const comparison = compare(version(old), version(now));
  if (options.json) printObjects(context, comparison, [old.side, now.side], options);
  else {
    if (options.verbose) for (const line of listChanges(comparison, context)) context.out(line);
    context.out(formatComparison(comparison, [old.side, now.side], context));
  }
  return EXIT.ok;
}

function printObjects(
  context: Context,
  comparison: Comparison,
  [old, now]: readonly [Side, Side],
  options: DiffOptions,
): void {
  const { groups, changes, counts } = comparison;
  printJson(context, [{ type: "sides", old, new: now }, ...groups.map((group) => ({ type: "group", ...group }))]);
  if (options.verbose) for (const change of changes) printJson(context, [{ type: "change", ...change }]);
  printJson(context, [{ type: "summary", ...counts }]);
}

/** A campaign stands last, after at least one version: `cmc diff v1.2 campaigns/x`. A folder with a bundle in it is a version. */
function sorted(
  { cwd }: Context,
  args: readonly string[],
): { readonly names: readonly string[]; readonly campaign: string | undefined } {
  const last = args.at(-1)!;
  const path = resolve(cwd, last);
  const isCampaign =
    (/\.[cm]?ts$/.test(last) && existsSync(path)) ||
    existsSync(join(path, "campaign.ts")) ||
    existsSync(join(cwd, "campaigns", last, "campaign.ts"));
  return isCampaign ? { names: args.slice(0, -1), campaign: last } : { names: args, campaign: undefined };
}

function hereVersion({ compiled }: Place): Resolved {
  return { side: { kind: "here", campaignDigest: compiled.digest }, table: compiled.table() };
}

/** A bundle folder, else an apply, else a git revision. */
async function resolveVersion(place: Place, name: string): Promise<Resolved> {
  const { context, compiled, state } = place;
  const folder = resolve(context.cwd, name);
  if (existsSync(join(folder, INDEX_FILE)))
    return { side: { kind: "bundle", dir: folder }, version: await bundleVersion(folder, state) };
  if (runsNamed(state.runs.values(), name).length > 0) return runVersion(place, oneRun(state, name));
  const commit = await commitNamed(compiled.campaignDir, name);
  if (commit !== undefined) {
    const request = compileRequest(context, place.campaign, place.options);
    const table = await compileRevision(request, name, commit);
    return { side: { kind: "revision", name, commit }, table };
  }
  return fail({
    code: "cli/unknown-version",
    message: `${name} is no apply of this campaign, no bundle folder and no git revision`,
  });
}

async function runVersion(place: Place, run: string): Promise<Resolved> {
  const { start } = place.state.runs.get(run)!;
  const dir = bundleFolders(place, start!).find((folder) => existsSync(join(folder, INDEX_FILE)));
  if (dir === undefined) return bundleGone(run, start!);
  return { side: { kind: "run", run, at: start!.at, dir }, version: await bundleVersion(dir, place.state) };
}

/** Where it was written, else where bundles of this campaign are written now. */
function bundleFolders({ compiled }: Place, start: NonNullable<RunState["start"]>): readonly string[] {
  const usual = join(generatedFolder(compiled), compiled.ir.name, start.bundle);
  return [...(start.facts ? [start.facts.bundleDir] : []), usual];
}

function bundleGone(run: string, { bundle, facts }: NonNullable<RunState["start"]>): never {
  const where = facts?.bundleDir ?? `bundle ${bundle}`;
  const commit = facts?.git?.commit;
  const clean = facts?.git?.changes === 0;
  return fail({
    code: "cli/bundle-gone",
    message: `${where}, which run ${run} applied, is no longer there`,
    ...(commit
      ? {
          remedy: `Compare with its commit: \`cmc diff ${commit.slice(0, 12)}\`${clean ? "" : ", which lacks the uncommitted changes it was applied with"}.`,
        }
      : {}),
  });
}
