// The plan as objects for --json: groups, then changes where they were asked for, then the summary. The version line stands before them.
import type { Plan, PlanSummary } from "../../plan/types.ts";
import { ACTIONS, REASONS } from "../../plan/types.ts";
import { keyedRows, type Wanted } from "./plan-jobs.ts";

export function* planObjects(summary: PlanSummary): Iterable<object> {
  for (const group of summary.groups) yield { type: "group", ...group };
  yield summaryObject(summary);
}

/** With one object a job, "keep" included. `summary.groups` are those of the filter. */
export function* planJobObjects(
  summary: PlanSummary,
  plan: Plan,
  wanted?: Wanted,
  left: readonly string[] = wanted ? [] : plan.forget,
): Iterable<object> {
  for (const group of summary.groups) yield { type: "group", ...group };
  for (const { row, key } of keyedRows(plan, wanted)) {
    const details = plan.details.get(row);
    yield {
      type: "change",
      key,
      action: ACTIONS[plan.action[row]!],
      reason: REASONS[plan.reason[row]!],
      ...(details ? { details } : {}),
    };
  }
  for (const key of left) yield { type: "change", key, action: "forget", reason: "forget" };
  yield summaryObject(summary);
}

/** As `--list`: keys and nothing else. */
export function* keyObjects(plan: Plan, wanted: Wanted, left: readonly string[]): Iterable<object> {
  for (const { key } of keyedRows(plan, wanted)) yield { type: "key", key };
  for (const key of left) yield { type: "key", key };
}

function summaryObject(summary: PlanSummary): object {
  const { campaign, version, jobs, counts, cost, space, notices, refusals, partial, narrowing, ramp } = summary;
  const [room, step] = [space ? { space } : {}, ramp ? { ramp } : {}];
  return {
    type: "summary",
    campaign,
    version,
    jobs,
    counts,
    cost,
    ...room,
    notices,
    refusals,
    partial,
    narrowing,
    ...step,
  };
}
