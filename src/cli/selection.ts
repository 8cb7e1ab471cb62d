// Selections: which jobs a command is about, in the same words everywhere. Filters (--stage --where --reason --state), or jobs that are
// named: by their keys, or one a line on standard input. Parsed once, asked as often as there are plans.
import { viewCluster } from "../apply/cluster-view.ts";
import { isLive, type Planned } from "../apply/planning.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import type { JobTable } from "../expand/table.ts";
import { inProgress } from "../executors/cluster/run-file.ts";
import { keyStage } from "../ir/key.ts";
import { inStates, type JobStateName } from "../insight/job-states.ts";
import { standings } from "../insight/standing.ts";
import { REASONS, type Reason } from "../plan/types.ts";
import type { Context } from "./context.ts";
import { type FilterOptions, filtersText, hasFilters, knownReasons, knownStages, knownStates, rowFilter } from "./selection/filters.ts"; // prettier-ignore
import { keysIn, namedJobs, type NamedKey } from "./selection/keys.ts";

export type SelectionOptions = FilterOptions;

export interface Selection {
  /** For titles: filters as typed, or how many jobs are named. */
  readonly text: string;
  /** By stage and point, or by name. */
  readonly takes: (row: number) => boolean;
  /** Rows of the jobs that are named, in that order and once each. Absent: filters say which. */
  readonly named?: readonly number[];
  /** Jobs that left the campaign, of those that the plan would forget: by --reason forget, or named where `knows` was given. */
  readonly left: (forget: readonly string[]) => readonly string[];
  /** Absent: any. So are the states. */
  readonly reasons?: ReadonlySet<Reason>;
  readonly states?: ReadonlySet<JobStateName>;
}

/** Stands for keys on standard input. */
const STDIN = "-";

/**
 * Undefined: nothing was selected, and what that means is the command's business. Throws cli/bad-filter, cli/unknown-job, cli/bad-keys.
 * @param keys as given on the command line
 * @param knows keys of jobs that left the campaign and may be named all the same
 */
export async function readSelection(
  { readInput }: Pick<Context, "readInput">,
  table: JobTable,
  keys: readonly string[],
  options: SelectionOptions,
  knows?: (key: string) => boolean,
): Promise<Selection | undefined> {
  if (keys.length === 0) return filterSelection(table, options);
  if (hasFilters(options))
    fail({ code: "cli/usage", message: "jobs are named, or selected by --stage, --where, --reason and --state; not both" }); // prettier-ignore
  const named: NamedKey[] = keys.filter((key) => key !== STDIN).map((key) => ({ key }));
  if (keys.includes(STDIN)) named.push(...keysIn(await readInput()));
  const { rows, left } = namedJobs(table, named, knows);
  const chosen = new Set(rows);
  const total = rows.length + left.length;
  return {
    text: `${total} named ${total === 1 ? "job" : "jobs"}`,
    named: rows,
    left: () => left,
    takes: (row) => chosen.has(row),
  };
}

/** Undefined: no filters. */
export function filterSelection(table: JobTable, options: FilterOptions): Selection | undefined {
  if (!hasFilters(options)) return undefined;
  const { stage, where, reason, state } = options;
  const stages = stage === undefined ? undefined : knownStages(table, stage);
  const reasons = reason === undefined ? undefined : knownReasons(reason);
  const takesLeft = reasons?.has("forget") === true && where === undefined && state === undefined;
  return {
    text: filtersText(options),
    takes: rowFilter(table, stages, where),
    left: (forget) => (takesLeft ? forget.filter((key) => !stages || stages.has(keyStage(key))) : []),
    ...(reasons ? { reasons } : {}),
    ...(state === undefined ? {} : { states: knownStates(state) }),
  };
}

/** When and where states are asked for. */
export interface StatesPlace {
  readonly root: string;
  readonly now: number;
  /** Whether an apply runs. Absent: as the lock says; who holds it knows better. */
  readonly live?: boolean | undefined;
}

/** Which rows of a plan are meant. */
export function selects(
  { takes, reasons, states }: Selection,
  { plan, state }: Pick<Planned, "plan" | "state">,
  place: StatesPlace,
): (row: number) => boolean {
  const stands = states && inStates(plan, standingsNow(plan.table, state, place), states);
  const wanted = reasons && new Set([...reasons].map((reason) => REASONS.indexOf(reason)));
  return (row) => (!wanted || wanted.has(plan.reason[row]!)) && takes(row) && (!stands || stands(row));
}

/** As `cmc status` sees them. */
function standingsNow(table: JobTable, state: Planned["state"], { root, now, live }: StatesPlace) {
  const cluster = inProgress(root) ? viewCluster(root, now).jobs : undefined;
  return standings(table, state, !cluster && (live ?? isLive(root)), cluster);
}
