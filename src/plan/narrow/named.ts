// Jobs as --target, --exclude and --replace name them: a stage, a key, or a key with fewer axes or with ranges, `mock[redshift=1.4]`.
import { JobFinder } from "../../expand/find-job.ts";
import { type JobTable, stageNamed, type StageTable } from "../../expand/table.ts";
import { acceptsAny, splitClauses } from "../axis-values.ts";
import type { Named } from "../types.ts";

/** `nobody`: the first name that means no job of the campaign. */
export type Resolved = { readonly named: Named } | { readonly nobody: string };

/** Keys are looked up; what is no key is matched axis by axis. */
export function resolveNames(table: JobTable, names: readonly string[]): Resolved {
  const marks = new Uint8Array(table.count);
  const finder = new JobFinder(table);
  for (const name of names) {
    const [, stageName = name, clauses] = /^([^[]+)\[(.*)\]$/.exec(name) ?? [];
    const stage = stageNamed(table, stageName.trim());
    const row = clauses === undefined ? undefined : finder.row(name);
    if (row !== undefined) marks[row] = 1;
    else if (stage && clauses === undefined) marks.fill(1, stage.first, stage.first + stage.count);
    else if (!stage || !markMatching(stage, clauses!, marks)) return { nobody: name };
  }
  return { named: { text: names.join(","), has: (row) => marks[row] === 1 } };
}

/** False: no job agrees with all that is said. */
function markMatching(stage: StageTable, clauses: string, marks: Uint8Array): boolean {
  const tests = splitClauses(clauses).map((clause) => clauseTest(stage, clause));
  let found = false;
  for (let i = 0; i < stage.count; i++) {
    if (!tests.every((test) => test?.(i))) continue;
    marks[stage.first + i] = 1;
    found = true;
  }
  return found;
}

/** Undefined: the stage has no such axis. */
function clauseTest(stage: StageTable, clause: string): ((index: number) => boolean) | undefined {
  const equals = clause.indexOf("=");
  const a = stage.stage.axes.findIndex((axis) => axis.name === clause.slice(0, Math.max(0, equals)).trim());
  if (a < 0) return undefined;
  const accepted = stage.stage.axes[a]!.values.map(acceptsAny(clause.slice(equals + 1).trim()));
  const coords = stage.coords[a]!;
  return (index) => accepted[coords[index]!]!;
}
