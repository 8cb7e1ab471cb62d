// A compilation from the beginning: check, evaluate, define, fingerprint, expand. The only door to typescript, esbuild and the vm.
import { statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics/diagnostic.ts";
import type { JobTable } from "../expand/table.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { checkProgram } from "./check/check.ts";
import type { Texts } from "./check/program.ts";
import { commandCode } from "./code/command.ts";
import { lockFiles } from "./code/lock-files.ts";
import { taskCodes } from "./code/tasks.ts";
import type { CodeEntry } from "./code/slice.ts";
import { campaignDraft } from "./definition/campaign.ts";
import { undeclaredCode, warningsOf } from "./definition/warnings.ts";
import { unknownVariables, variablesTwice } from "./definition/variables.ts";
import { expandCampaign } from "./expansion.ts";
import type { Outside } from "./given.ts";
import { evaluateCampaign } from "./realm/session.ts";
import { Modules } from "./source/module.ts";
import { locator } from "./source/locator.ts";

export interface ColdResult {
  readonly ir: CampaignIR;
  readonly table: JobTable;
  readonly warnings: readonly Diagnostic[];
  /** What stage modules are made of, by stage. */
  readonly entries: Readonly<Record<string, CodeEntry>>;
  /** Everything the result was computed from, for the cache. */
  readonly files: readonly string[];
  readonly listings: readonly {
    readonly name: string;
    readonly root: string;
    readonly pattern: string;
    readonly paths: readonly string[];
  }[];
}

export async function compileCold(
  file: string,
  cwd: string,
  outside: Outside,
  seconds: number,
  texts?: Texts,
): Promise<ColdResult> {
  const folder = dirname(file);
  const { program, files: programFiles, problems: typeProblems } = checkProgram(file, cwd, texts);
  stop(typeProblems);
  const modules = new Modules(program);
  const session = await evaluateCampaign(file, cwd, modules, outside, seconds);
  const { bundle, description, listings } = session;
  const find = locator(modules, bundle.origin, cwd);

  const problems: Diagnostic[] = [...unknownVariables(description, outside), ...variablesTwice(description, find)];
  const entryOf = (task: number) => entryName(bundle.tasks[task]!, folder, modules);
  const draft = campaignDraft(description, { file, locator: find, modules, entryOf, listings }, problems);
  stop(problems);
  if (!draft) return fail({ code: "cli/internal", message: "a campaign without diagnostics and without a definition" });

  const tasks = await taskCodes(draft.stages, bundle.tasks, entryOf, modules, folder, find);
  stop(tasks.problems);
  const commands = commandCode(draft.stages, folder, find);
  stop(commands.problems);
  const locks = lockFiles(draft.stages, folder, find);
  stop(locks.problems);
  const stages = draft.stages.map(
    ({ described: _described, stack: _stack, task: _task, codeFiles: _files, taken: _taken, ...stage }) => ({
      ...stage,
      environment: locks.environments.get(stage.name)!,
      code: (tasks.codes.get(stage.name) ?? commands.codes.get(stage.name))!,
    }),
  );
  const ir: CampaignIR = { ...draft.ir, stages };

  const expanded = expandCampaign(ir, draft, session, find);
  stop(expanded.problems);
  const roots = description.listings.map(({ name, root, pattern }) => ({
    name,
    root: resolve(outside.home ?? folder, root),
    pattern,
    paths: listings[name]!,
  }));
  const stacks = new Map(draft.stages.map((stage) => [stage.name, stage.stack]));
  const isFile = (path: string) => statSync(resolve(folder, path), { throwIfNoEntry: false })?.isFile() === true;
  return {
    ir, table: expanded.table!, entries: tasks.entries,
    warnings: [...warningsOf(description, expanded.usedRoots, find), ...undeclaredCode(expanded.table!, stacks, isFile, find)],
    files: [...new Set([...programFiles, ...bundle.inputs, ...tasks.inputs, ...commands.inputs, ...locks.inputs])].sort(),
    listings: roots,
  }; // prettier-ignore
}

function stop(problems: readonly Diagnostic[]): void {
  if (problems.some((problem) => problem.severity === "error")) throw new DiagnosticError(problems);
}

/** `tasks/populate.ts#populate`: the module as people write it, relative to the campaign's folder. */
function entryName(
  task: { file: string; label: string; code: { kind: string; specifier?: string } },
  folder: string,
  _modules: Modules,
): string {
  const module =
    task.code.kind === "import" && task.code.specifier!.startsWith(".")
      ? join(dirname(task.file), task.code.specifier!)
      : task.file;
  const shown =
    task.code.kind === "import" && !task.code.specifier!.startsWith(".")
      ? task.code.specifier!
      : relative(folder, module);
  return `${shown}#${task.label}`;
}
