// Filters by name: --stage, --reason, --state, each a list. Points are in where.ts.
import { didYouMean } from "../../compile/definition/suggest.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import type { JobTable } from "../../expand/table.ts";
import { JOB_STATES, type JobStateName } from "../../insight/job-states.ts";
import { REASONS, type Reason } from "../../plan/types.ts";
import { typed } from "./typed.ts";
import { pointFilter } from "./where.ts";

export interface FilterOptions {
  readonly stage?: string;
  readonly where?: string;
  readonly reason?: string;
  readonly state?: string;
}

const NAMES = ["stage", "where", "reason", "state"] as const;

export function hasFilters(options: FilterOptions): boolean {
  return NAMES.some((name) => options[name] !== undefined);
}

/** As typed. */
export function filtersText(options: FilterOptions): string {
  return NAMES.flatMap((name) => (options[name] === undefined ? [] : [`--${name} ${options[name]}`])).join(" ");
}

export function knownStages(table: JobTable, text: string): ReadonlySet<string> {
  return known("stage", text, table.stages.map(({ stage }) => stage.name)); // prettier-ignore
}

export function knownReasons(text: string): ReadonlySet<Reason> {
  return known("reason", text, REASONS);
}

export function knownStates(text: string): ReadonlySet<JobStateName> {
  return known("state", text, JOB_STATES);
}

/** By stage and point. */
export function rowFilter(
  table: JobTable,
  stages: ReadonlySet<string> | undefined,
  where: string | undefined,
): (row: number) => boolean {
  const points = where === undefined ? undefined : pointFilter(table, where);
  const tests = table.stages.map((stage) => {
    if (stages && !stages.has(stage.stage.name)) return () => false;
    const test = points?.(stage) ?? (() => true);
    return (row: number) => test(row - stage.first);
  });
  const firsts = table.stages.map(({ first }) => first);
  return (row) => tests[firsts.findLastIndex((first) => row >= first)]!(row);
}

function known<T extends string>(option: (typeof NAMES)[number], text: string, names: readonly T[]): ReadonlySet<T> {
  const found = new Set<T>();
  for (const { 0: part, index } of text.matchAll(/[^,]+/g)) {
    const word = part.trim();
    const name = names.find((one) => one === word);
    if (name !== undefined) found.add(name);
    else if (word !== "")
      fail({
        code: "cli/bad-filter",
        message: `--${option}: there is no ${option} '${word}'`,
        span: typed(`--${option}`, text, index + part.indexOf(word), word.length),
        remedy: didYouMean(word, names, `${option}s`),
      });
  }
  if (found.size === 0)
    fail({ code: "cli/bad-filter", message: `--${option} names nothing`, remedy: didYouMean("", names, `${option}s`) });
  return found;
}
