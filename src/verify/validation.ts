// Validators of the campaign, run again over published outputs: what is to be asked, and what the answers say. Pure; threads.ts asks.
import { join } from "node:path";
import { type JobTable, pointOf, stageOfRow } from "../expand/table.ts";
import type { SeenOutput } from "../plan/types.ts";
import type { CheckFact } from "../state/receipt.ts";
import { sizeChecks } from "../validators/size.ts";
import type { ContentCheck } from "../worker/thread-protocol.ts";
import { contentChecks } from "../worker/validate.ts";
import { isWhole, type Judgement, type Roster } from "./judge.ts";
import type { Look } from "./looks.ts";

export interface Validation {
  readonly row: number;
  /** By name, relative to the campaign root. */
  readonly paths: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Sizes are known from the listing. */
  readonly sizes: readonly CheckFact[];
  /** Empty: nothing has to be read. */
  readonly content: readonly ContentCheck[];
}

/** Results that have what the campaign declares, at its receipt's paths. Programs given as `check` are not run: they expect the environment of a job. */
export function validationsOf(
  table: JobTable,
  root: string,
  roster: Roster,
  judgement: Judgement,
  output: (path: string) => SeenOutput | undefined,
): Validation[] {
  const validations: Validation[] = [];
  for (let row = 0; row < roster.length; row++) {
    const receipt = roster[row]?.receipt;
    if (!receipt || !isWhole(judgement.verdict[row]!)) continue;
    const rows = stageOfRow(table, row);
    const { stage } = rows;
    const paths = Object.fromEntries(receipt.outputs.map(({ name, path }) => [name, path]));
    if (!stage.outputs.every(({ name }) => paths[name] !== undefined)) continue;
    const sizes = stage.outputs.flatMap(({ name, size }) => size ? sizeChecks(name, output(paths[name]!)?.size ?? 0, size) : []); // prettier-ignore
    const absolute = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, join(root, path)]));
    const job = { point: pointOf(rows, row - rows.first), params: receipt.params };
    const content = contentChecks(stage, job, absolute);
    const bytes = content.reduce((sum, check) => sum + (output(paths[check.output]!)?.size ?? 0), 0);
    if (sizes.length + content.length > 0) validations.push({ row, paths, bytes, sizes, content });
  }
  return validations;
}

/** One look an output: the first thing that a validator says against it. */
export function validationLooks({ row, paths }: Validation, facts: readonly CheckFact[]): Look[] {
  const failed = new Map<string, CheckFact>();
  for (const fact of facts) if (!fact.passed && !failed.has(fact.output)) failed.set(fact.output, fact);
  return [...new Set(facts.map(({ output }) => output))].map((name) => {
    const fact = failed.get(name);
    const look = { row, name, about: "invalid" } as const;
    return fact ? { ...look, wrong: { name, path: paths[name]!, what: "invalid", new: fact.message } } : look;
  });
}
