// cmc mv: another name for a stage, an axis, a value or an output, in the campaign's source, and the entry that keeps the results. All of it, or nothing.
import { planSummary, EVERYTHING } from "../../apply/planning.ts";
import { compile } from "../../compile/compile.ts";
import { shownPath } from "../../compile/source/span.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import type { PlanSummary } from "../../plan/types.ts";
import { concerns, entryOf, readRename, type Rename } from "../../refactor/address.ts";
import { entryText } from "../../refactor/entry.ts";
import { needsEntry } from "../../refactor/needed.ts";
import { refuseFault, type Renamed, renameInSource, requireSameButNames } from "../../refactor/rename.ts";
import { writeModules } from "../../refactor/write.ts";
import { readJournals } from "../../state/read-journal.ts";
import type { Context } from "../context.ts";
import { lastLines } from "../format/plan.ts";
import { count } from "../format/quantity.ts";
import { linesChanged, unifiedDiff } from "../format/unified-diff.ts";
import { hang } from "../format/columns.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, compileRequest, openCampaign } from "../open.ts";

interface MvOptions extends CampaignOptions {
  readonly dryRun?: boolean;
  readonly entry?: boolean;
}

interface Done {
  readonly rename: Rename;
  readonly renamed: Renamed;
  /** Absent: none was needed. */
  readonly entry: string | undefined;
  readonly summary: PlanSummary;
  /** Jobs keep their keys, so that their changes can be accepted. */
  readonly acceptable: boolean;
  /** By stage and reason: jobs that would run or be blocked, and would not have before. */
  readonly again: readonly { readonly stage: string; readonly reason: string; readonly count: number }[];
}

export async function mv(
  context: Context,
  from: string,
  to: string,
  campaign: string | undefined,
  options: MvOptions,
): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const { ir, root } = compiled;
  const rename = readRename(from, to, ir);
  const request = compileRequest(context, campaign, options);
  const wanted = options.entry === true || needsEntry(rename, ir, readJournals(root).fold().state);
  const entry = wanted ? entryOf(rename) : undefined;
  const renamed = renameInSource(request, ir, rename, entry);
  const edited = await compile({ ...request, texts: renamed.after }).catch((error: unknown) => refuseFault(error, renamed)); // prettier-ignore
  requireSameButNames(ir, edited.ir, rename, renamed.looks);
  const [before, summary] = [await planSummary(compiled, EVERYTHING), await planSummary(edited, EVERYTHING)];
  if (!options.dryRun) writeModules(renamed);
  const again = runsAgain(before, summary, ir.stages.filter((stage) => concerns(rename, stage)).map(({ name }) => name), rename); // prettier-ignore
  const done: Done = {
    rename,
    renamed,
    entry: entry && entryText(entry),
    summary,
    again,
    acceptable: rename.kind === "output" && before.counts.move === 0,
  };
  printDiagnostics(context, edited.warnings.filter(({ message }) => !compiled.warnings.some((known) => known.message === message)), options.json); // prettier-ignore
  if (options.json) printJson(context, objects(context, done, options));
  else context.out(text(context, done, options));
  return EXIT.ok;
}

const RUNS = ["create", "rerun", "retry", "block", "hold"];

/** A move excuses names in the campaign, not what a program reads. */
function whyAgain(stage: string, reason: string, acceptable: boolean): string {
  if (reason === "missing_input" || reason === "input_changed") return " The name is part of the paths of its inputs.";
  if (reason === "params_changed") return " The name stands in its parameters or arguments.";
  if (reason !== "code_changed") return "";
  const next = acceptable ? `: \`cmc accept --stage ${stage} --reason code_changed --because renamed\` keeps the results.` : "."; // prettier-ignore
  return ` The name stands in the code of its task${next}`;
}

function runsAgain(before: PlanSummary, after: PlanSummary, stages: readonly string[], rename: Rename): Done["again"] {
  const name = (stage: string) => (rename.kind === "stage" && stages.includes(stage) ? rename.to : stage);
  const known = (stage: string, reason: string) => before.groups.filter((one) => name(one.stage) === stage && one.reason === reason).reduce((sum, one) => sum + one.count, 0); // prettier-ignore
  const groups = after.groups.filter(({ action }) => RUNS.includes(action));
  return groups.flatMap(({ stage, reason, count: now }) => {
    const more = now - known(stage, reason);
    return more > 0 ? [{ stage, reason, count: more }] : [];
  });
}

function* objects({ cwd }: Context, done: Done, options: MvOptions): Generator<object> {
  const { renamed, rename, entry, summary, again } = done;
  for (const [file, after] of renamed.after)
    yield { type: "edit", file, diff: unifiedDiff(shownPath(file, cwd), renamed.before.get(file)!, after) };
  for (const look of renamed.looks) yield { type: "look", ...look };
  yield { type: "mv", ...rename, entry: entry ?? null, written: !options.dryRun, counts: summary.counts, again };
}

function text(
  context: Context,
  { renamed, entry, summary, again, rename, acceptable }: Done,
  options: MvOptions,
): string {
  const { cwd, palette, width } = context;
  const files = [...renamed.after].map(([file, after]) => ({ name: shownPath(file, cwd), before: renamed.before.get(file)!, after })); // prettier-ignore
  const edits = options.dryRun
    ? files.map(({ name, before, after }) => unifiedDiff(name, before, after))
    : files.map(({ name, before, after }) => {
        const lines = linesChanged(before, after);
        return `${palette.bold(name)}  ${count(lines)} ${lines === 1 ? "line" : "lines"}\n`;
      });
  const note = (words: string) => hang(palette.yellow("note: "), words, width);
  const looks = renamed.looks.map(({ file, line, text: what }) => `  ${file}:${line}  ${palette.dim(what)}`);
  const kept = entry ?? "Nothing was run under the old name: no entry is needed (--entry adds one).";
  return [
    `${edits.join("")}${entry ? `${palette.dim("entry")} ` : ""}${kept}`,
    ...again.map(({ stage, reason, count: jobs }) => note(`${count(jobs)} ${jobs === 1 ? "job" : "jobs"} of ${stage} would be planned otherwise than before: ${reason}.${whyAgain(stage, reason, acceptable)}`)), // prettier-ignore
    ...(looks.length > 0 ? [`Not changed, and ${looks.length === 1 ? "it may mean" : "they may mean"} ${String(rename.from)}; look at:`, ...looks] : []), // prettier-ignore
    ...(options.dryRun ? ["Nothing was written."] : []),
    lastLines(summary, context)[0]!,
    "",
  ].join("\n");
}
