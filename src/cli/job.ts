// A job named on the command line: its row, or a diagnostic with near names.
import { rowOf } from "../apply/planning.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import { type JobTable, keyOf, stageNamed } from "../expand/table.ts";

/** Axes may be written in any order. Throws cli/unknown-job. */
export function requireJob(table: JobTable, text: string): number {
  const key = ordered(text);
  const row = rowOf(table, key);
  if (row !== undefined) return row;
  const name = key.split("[")[0]!;
  const stage = stageNamed(table, name);
  const remedy = stage
    ? `Its keys look like ${keyOf(stage, 0)}; \`cmc plan --list -v --stage ${name}\` prints all.`
    : `Stages: ${table.stages.map(({ stage: ir }) => ir.name).join(", ")}; \`cmc plan --list -v\` prints all keys.`;
  return fail({ code: "cli/unknown-job", message: `the campaign has no job ${text}`, remedy });
}

function ordered(text: string): string {
  const match = /^([^[]+)\[(.*)\]$/.exec(text.trim());
  if (!match) return text.trim();
  const axes = (match[2]!.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? []).map((axis) => axis.trim());
  return `${match[1]}[${axes.sort().join(",")}]`;
}
