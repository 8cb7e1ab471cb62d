// The plan as it would be after one more event: what a person's word leads to, before or when it is recorded.
import type { JobTable } from "../expand/table.ts";
import type { Event } from "../state/events.ts";
import { reduce, type State } from "../state/reduce.ts";
import { plan } from "./plan.ts";
import type { Observations, Plan } from "./types.ts";

export interface Known {
  /** As the campaign says: a plan's own table holds what is in force by now. */
  readonly table: JobTable;
  readonly state: State;
  readonly observations: Observations;
}

/** Leaves the state as it is. Of everything: nothing is replaced, adopted or left out. */
export function planAfter({ table, state, observations }: Known, event: Event): Plan {
  return plan(table, stateAfter(state, event), observations, { replace: () => false, adopt: false });
}

/** Values of jobs are never changed, so a copy of the maps is one of the state. */
export function stateAfter(state: State, event: Event): State {
  const { jobs, runs, submissions, alerts, verbs } = state;
  const copy: State = { ...state, jobs: new Map(jobs), runs: new Map(runs), submissions: new Map(submissions), alerts: [...alerts], verbs: [...verbs] }; // prettier-ignore
  return reduce(copy, event);
}
