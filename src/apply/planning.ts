// From a compiled campaign to its plan: read the journals, look at the disk, decide. Changes nothing.
import type { Compiled } from "../compile/compile.ts";
import { type Diagnostic, fail } from "../diagnostics/diagnostic.ts";
import { type JobTable, keyOfRow, stageNamed, stageOfRow } from "../expand/table.ts";
import { observe } from "../observe/observe.ts";
import { plan } from "../plan/plan.ts";
import type { Observations, Plan, Policy } from "../plan/types.ts";
import { readLock } from "../state/lock.ts";
import { readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";

export interface PlanningOptions {
  /** Keys or stages to run again. */
  readonly replace: readonly string[];
  /** Stages to narrow the plan to. Empty: all. */
  readonly target: readonly string[];
  readonly limit?: number;
  readonly adopt: boolean;
}

export const EVERYTHING: PlanningOptions = { replace: [], target: [], adopt: false };

export interface Planned {
  readonly plan: Plan;
  readonly state: State;
  readonly observations: Observations;
  /** Warnings from reading the journals. */
  readonly problems: readonly Diagnostic[];
}

/** `live`: whether another apply runs now; undefined asks the lock. */
export async function planCampaign(compiled: Compiled, options: PlanningOptions, live?: boolean): Promise<Planned> {
  const { root, campaignDir } = compiled;
  const table = compiled.table();
  const policy = policyOf(table, options);
  const pending = observe(table, root, campaignDir, live ?? isLive(root));
  const { state, problems } = readJournals(root).fold();
  const { observations } = await pending;
  return { plan: plan(table, state, observations, policy), state, observations, problems };
}

export function isLive(root: string): boolean {
  const lock = readLock(root);
  return lock !== undefined && !lock.abandoned;
}

function policyOf(table: JobTable, { replace, target, limit, adopt }: PlanningOptions): Policy {
  const named = new Set(replace);
  for (const name of replace) if (!stageNamed(table, name) && !hasJob(table, name)) unknown("--replace", name, table);
  for (const name of target) if (!stageNamed(table, name)) unknown("--target", name, table);
  const targets = new Set(target);
  return {
    replace: (row, key) => named.size > 0 && (named.has(key) || named.has(stageOfRow(table, row).stage.name)),
    ...(targets.size > 0 ? { target: (row: number) => targets.has(stageOfRow(table, row).stage.name) } : {}),
    ...(limit === undefined ? {} : { limit }),
    adopt,
  };
}

/** Row of a job by its key; undefined when the campaign has no such job. */
export function rowOf(table: JobTable, key: string): number | undefined {
  const bracket = key.indexOf("[");
  const stage = stageNamed(table, bracket < 0 ? key : key.slice(0, bracket));
  if (!stage) return undefined;
  for (let row = stage.first; row < stage.first + stage.count; row++) if (keyOfRow(table, row) === key) return row;
  return undefined;
}

const hasJob = (table: JobTable, key: string): boolean => rowOf(table, key) !== undefined;

function unknown(option: string, name: string, table: JobTable): never {
  const stages = table.stages.map(({ stage }) => stage.name).join(", ");
  return fail({ code: "cli/unknown-job", message: `${option} ${name}: no such job or stage`, remedy: `Stages: ${stages}. \`cmc plan --list -v\` prints all keys.` });
}
