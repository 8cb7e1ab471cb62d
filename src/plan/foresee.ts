// The plan as it would be after one more event: what a person's word leads to, before or when it is recorded.
import type { Event } from "../state/events.ts";
import { reduce, type State } from "../state/reduce.ts";
import { plan } from "./plan.ts";
import type { Observations, Plan } from "./types.ts";

export interface PlannedNow {
  readonly plan: Plan;
  readonly state: State;
  readonly observations: Observations;
}

/** Leaves the state as it is. Of everything: nothing is replaced, adopted or left out. */
export function planAfter({ plan: now, state, observations }: PlannedNow, event: Event): Plan {
  const { jobs, runs, submissions, alerts, verbs } = state;
  const copy: State = { ...state, jobs: new Map(jobs), runs: new Map(runs), submissions: new Map(submissions), alerts: [...alerts], verbs: [...verbs] }; // prettier-ignore
  return plan(now.table, reduce(copy, event), observations, { replace: () => false, adopt: false });
}
