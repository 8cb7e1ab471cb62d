// The states a job is selected by: those `cmc status` counts, and what the plan adds to them. The one list of their names.
import { ACTIONS, type Action, type Plan, type Reason, REASONS } from "../plan/types.ts";
import { type Standing, STANDINGS, type Standings } from "./standing.ts";

/** new, rerun, adopt, moved: what the plan would do. All others as in standing.ts, or as the plan says it of jobs whose files it has looked at. */
export const JOB_STATES = [...STANDINGS, "new", "rerun", "adopt", "moved"] as const;
export type JobStateName = (typeof JOB_STATES)[number];

type Verdict = (action: Action, reason: Reason) => boolean;

/** What status calls waiting may be blocked in the plan, which looks at input files: such a job is in both states. */
const IN_PLAN: Partial<Readonly<Record<JobStateName, Verdict>>> = {
  new: (action) => action === "create",
  rerun: (action) => action === "rerun",
  adopt: (action) => action === "adopt",
  moved: (action) => action === "move",
  retry: (action) => action === "retry",
  blocked: (action) => action === "block",
  held: (_, reason) => reason === "held",
  failed: (_, reason) => reason === "attempts_exhausted",
  running: (_, reason) => reason === "running",
  queued: (_, reason) => reason === "queued",
  unknown: (_, reason) => reason === "unresolved",
};

/** Says whether a row is in one of some states. */
export function inStates(
  { action, reason }: Pick<Plan, "action" | "reason">,
  { of }: Pick<Standings, "of">,
  states: ReadonlySet<JobStateName>,
): (row: number) => boolean {
  const verdicts = [...states].flatMap((state) => IN_PLAN[state] ?? []);
  const standings: ReadonlySet<JobStateName> = states;
  return (row) => {
    const standing: Standing = STANDINGS[of[row]!]!;
    if (standings.has(standing)) return true;
    return verdicts.some((holds) => holds(ACTIONS[action[row]!]!, REASONS[reason[row]!]!));
  };
}
