// Is a saved plan still what would be planned? Asked under the lock, before anything is done; the answer is yes or plan/stale, in words.
import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { changedSources } from "../compile/cache/witness.ts";
import { type Diagnostic, DiagnosticError, fail, type Related } from "../diagnostics/diagnostic.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import { diffJson } from "../plan/diff.ts";
import { sameBatches, staleness } from "../plan/staleness.ts";
import { quoted } from "../plan/shell.ts";
import { loadSite } from "../site/load.ts";
import { runsByTime } from "../state/run-state.ts";
import type { FromFile } from "./apply.ts";
import type { PlanFile } from "./plan-file.ts";
import type { Planned } from "./planning.ts";
import type { SavedPlan, SavedSite } from "./saved-plan.ts";
import { exampleOf, causeText } from "./stale-words.ts";

/** How the file is called on the command line, and where that is. */
export interface Named {
  readonly shown: string;
  readonly cwd: string;
}

export async function fromFile({ saved, id }: PlanFile, named: Named): Promise<FromFile> {
  const { site, source, digests } = saved;
  const profile = await profileFindings(site);
  return {
    id,
    site: site.value,
    source,
    judge: (planned) => judge({ saved, id }, named, planned, profile),
    judgeBundle: (digest) => {
      if (digest !== digests.bundle) stale(saved, named, ["this is another build of cmc: it would carry out something else"], []); // prettier-ignore
    },
  };
}

function judge({ saved, id }: PlanFile, named: Named, { plan, state, observations }: Planned, profile: string[]): void {
  const { findings: causes, planned, completed } = staleness(saved.plan, plan, state, observations);
  const examples = causes.map((one): Related => ({ message: exampleOf(one) }));
  const run = runsByTime(state.runs.values()).find(({ start }) => start?.plan === id);
  if (run?.start && causes.length > 0) {
    const { at, user, host } = run.start;
    const others = causes.filter(({ cause }) => cause !== "completed").map(causeText);
    const done = completed === planned ? `all ${planned} jobs completed` : `${completed} of ${planned} jobs completed`;
    const message = `${named.shown} was applied already, at ${moment(at)} by ${user}@${host}: ${[planned === 1 && completed === 1 ? "its job completed" : done, ...others].join(", ")}`; // prettier-ignore
    const remedy = completed === planned ? `Nothing of it is left to do; \`cmc plan${saved.made.given}\` says what is.` : again(saved, named); // prettier-ignore
    throw refusal({ message, related: examples, remedy });
  }
  const findings = [...causes.map(causeText), ...sourceFindings(saved), ...profile];
  if (saved.tool !== TOOL_VERSION) findings.push(`cmc was ${saved.tool} and is ${TOOL_VERSION}`);
  else if (causes.length === 0 && !sameBatches(saved.plan, plan)) findings.push("this cmc would batch the jobs otherwise"); // prettier-ignore
  if (findings.length > 0) stale(saved, named, findings, examples);
}

function stale(saved: SavedPlan, named: Named, findings: readonly string[], related: readonly Related[]): never {
  throw refusal({
    message: `${named.shown} is of ${moment(saved.made.at)}, and since then: ${findings.join(", ")}`,
    related,
    remedy: again(saved, named),
  });
}

function refusal(diagnostic: Omit<Diagnostic, "code" | "severity">): DiagnosticError {
  return new DiagnosticError([{ code: "plan/stale", severity: "error", ...diagnostic }]);
}

function again({ made }: SavedPlan, { cwd }: Named): string {
  const command = made.cwd === cwd ? made.command : `cd ${quoted(made.cwd)} && ${made.command}`;
  return `Nothing was done. Make it again with \`${command}\`, look at it, and apply that.`;
}

/** The root is where the results are: a plan of one that is not here would do everything again. */
export function requireRoot({ rootExisted }: SavedPlan, root: string, shown: string): void {
  if (!rootExisted || existsSync(root)) return;
  fail({
    code: "plan/stale",
    message: `${shown} is of the campaign root ${root}, which is not there`,
    remedy: "Say where it is on this machine: --base DIR is the folder that it lies in.",
  });
}

/** What was edited, by stage where code is all that a file holds. Files that are not on this machine say nothing, but for scripts that jobs would run. */
function sourceFindings(saved: SavedPlan): string[] {
  const { campaignDir, ir, sources } = saved;
  const changed = changedSources(sources).map((path) => relative(campaignDir, path));
  const definitions = new Set(ir.stages.map(({ definedAt }) => definedAt.file));
  const stagesWith = (path: string) =>
    definitions.has(path) ? [] : ir.stages.filter(({ code }) => code.sources.some((source) => source.path === path)).map(({ name }) => name); // prettier-ignore
  const stages = [...new Set(changed.flatMap(stagesWith))];
  const others = changed.filter((path) => stagesWith(path).length === 0);
  return [
    ...(stages.length > 0 ? [`campaign edited in ${stages.length === 1 ? "1 stage" : `${stages.length} stages`} (${listed(stages)})`] : []),
    ...(others.length > 0 ? [`${listed(others)} changed`] : []),
    ...missingScripts(saved),
  ]; // prettier-ignore
}

function missingScripts({ ir, campaignDir, plan }: SavedPlan): string[] {
  const running = new Set(plan.batches.map(({ stage }) => stage));
  const scripts = ir.stages
    .filter(({ name, run }) => run.kind === "command" && running.has(name))
    .flatMap(({ code }) => code.sources.map(({ path }) => resolve(campaignDir, path)))
    .filter((path) => !existsSync(path));
  return scripts.length > 0 ? [`${listed([...new Set(scripts)])}: not there, and jobs would run it`] : [];
}

/** A profile that is not on this machine is as it was. */
async function profileFindings({ profile, value }: SavedSite): Promise<string[]> {
  if (isAbsolute(profile) && !existsSync(profile)) return [];
  try {
    const now = await loadSite(profile, "/");
    if (canonicalJson(now as unknown as Json) === canonicalJson(value as unknown as Json)) return [];
    const fields = diffJson(value as unknown as Json, now as unknown as Json, "").map(({ path }) => path.slice(1));
    return [`site profile ${profile} changed (${listed(fields)})`];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return [`site profile ${profile} is not valid any more`];
  }
}

function listed(names: readonly string[]): string {
  return names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
