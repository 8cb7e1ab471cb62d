// The code of every task stage: entries, fingerprints, and what a task must not use.
import { isAbsolute, join } from "node:path";
import type { Message } from "esbuild";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { CodeIR } from "../../ir/stage.ts";
import type { StageDraft } from "../definition/stage.ts";
import type { Locator } from "../source/locator.ts";
import { offsetAt } from "../source/edit.ts";
import type { Modules } from "../source/module.ts";
import type { TracedTask } from "../source/trace.ts";
import { fingerprintTasks } from "./fingerprint.ts";
import { type CodeEntry, codeEntry } from "./slice.ts";

export interface TaskCodes {
  readonly codes: ReadonlyMap<string, CodeIR>;
  readonly entries: Readonly<Record<string, CodeEntry>>;
  readonly inputs: readonly string[];
  readonly problems: readonly Diagnostic[];
}

export async function taskCodes(
  stages: readonly (StageDraft & { readonly stack: string })[],
  tasks: readonly TracedTask[],
  entryOf: (task: number) => string,
  modules: Modules,
  folder: string,
  find: Locator,
): Promise<TaskCodes> {
  const taken = stages.filter((stage) => stage.task !== undefined);
  const entries = taken.map((stage) =>
    codeEntry(tasks[stage.task!]!, modules.get(tasks[stage.task!]!.file)!, entryOf(stage.task!)),
  );
  const byStage = Object.fromEntries(taken.map((stage, i) => [stage.name, entries[i]!]));
  try {
    const { codes, inputs } = await fingerprintTasks(entries, folder, modules);
    const problems = taken.flatMap((stage, i) => forbidden(stage, codes[i]!.forbidden, find));
    return {
      codes: new Map(taken.map((stage, i) => [stage.name, codes[i]!.code])),
      entries: byStage,
      inputs,
      problems,
    };
  } catch (error) {
    const messages = (error as { errors?: Message[] }).errors;
    if (!messages) throw error;
    return {
      codes: new Map(),
      entries: byStage,
      inputs: [],
      problems: messages.map((message) => importProblem(message, taken, entries, modules, folder, find)),
    };
  }
}

function forbidden(
  stage: StageDraft & { readonly stack: string },
  names: readonly string[],
  find: Locator,
): Diagnostic[] {
  if (names.length === 0) return [];
  const span = find.locate(stage.stack, ["run"]);
  const message = `the task of stage ${stage.name} uses ${names.map((name) => `${name}(...)`).join(", ")} of cmc, which exists only while the campaign is compiled`;
  return [
    {
      code: "compile/task-reference",
      severity: "error",
      message,
      ...(span ? { span } : {}),
      remedy: "Pass the value through params.",
    },
  ];
}

/** An import of task code that cannot be resolved: at the import where that is a file of the user's, else at the stage. */
function importProblem(
  message: Message,
  taken: readonly (StageDraft & { readonly stack: string })[],
  entries: readonly CodeEntry[],
  modules: Modules,
  folder: string,
  find: Locator,
): Diagnostic {
  const { location, text } = message;
  const entry = /^cmc-task:(\d+)$/.exec(location?.file ?? "");
  const common = {
    code: "compile/import",
    severity: "error",
    message: `${text} (code of a task${entry ? ` in ${entries[Number(entry[1])]!.entry}` : ""})`,
  } as const;
  const specifier = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  const importer = entry && specifier !== undefined ? modules.get(entries[Number(entry[1])]!.file) : undefined;
  const at = importer
    ? ['"', "'"].map((quote) => importer.text.indexOf(quote + specifier! + quote)).find((found) => found >= 0)
    : undefined;
  if (importer && at !== undefined) {
    const span = find.span({ file: importer.fileName, start: at, end: at + specifier!.length + 2 });
    return { ...common, ...(span ? { span } : {}), remedy: REMEDY };
  }
  if (entry || !location) {
    const stage = entry ? taken[Number(entry[1])] : taken[0];
    const span = stage && find.locate(stage.stack, ["run"]);
    return { ...common, ...(span ? { span } : {}) };
  }
  const file = isAbsolute(location.file) ? location.file : join(folder, location.file);
  const source = modules.get(file)?.text ?? "";
  const start = offsetAt(source, location.line, location.column + 1);
  const span = find.span({ file, start, end: start + location.length });
  return { ...common, ...(span ? { span } : {}), remedy: REMEDY };
}

const REMEDY = "Install the package beside the campaign, or correct the path.";
