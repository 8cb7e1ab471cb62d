// What a finished campaign says: the text of its report outputs, the paths of its figures, and where to look next.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { JobTable } from "../expand/table.ts";
import { keyOf, stageNamed } from "../expand/table.ts";
import type { OutputRef } from "../ir/stage.ts";
import type { State } from "../state/reduce.ts";
import type { Context } from "./context.ts";

export function printReport(context: Context, root: string, table: JobTable, state: State): void {
  const { report } = table.campaign;
  if (!report) return;
  const present = (ref: OutputRef) => outputPath(table, state, root, ref);
  for (const path of report.text.flatMap((ref) => present(ref) ?? []))
    context.out(`\n${readFileSync(path, "utf8").trimEnd()}\n`);
  const figures = report.figures.flatMap((ref) => present(ref) ?? []);
  if (figures.length > 0) context.out(`\nFigures: ${figures.map((path) => shorter(context.cwd, path)).join(", ")}\n`);
}

/** Absolute path of a single-job output that has a receipt. */
function outputPath(
  table: JobTable,
  state: State,
  root: string,
  { stage: name, output }: OutputRef,
): string | undefined {
  const stage = stageNamed(table, name);
  if (!stage || stage.count !== 1 || !state.jobs.get(keyOf(stage, 0))?.receipt) return undefined;
  const index = stage.stage.outputs.findIndex((o) => o.name === output);
  const path = join(root, stage.outputs[index]!.at(0));
  return existsSync(path) ? path : undefined;
}

/** Relative to the working directory where that is shorter. */
export function shorter(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near.length < path.length ? near : path;
}
