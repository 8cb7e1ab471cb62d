// Accepting changes of many jobs: stage by stage, because what is accepted upstream may settle what is below. Pure; nothing is recorded here.
import type { Waiver } from "../state/receipt.ts";
import { type Known, planAfter, stateAfter } from "./foresee.ts";
import { ACTIONS, type Plan } from "./types.ts";
import { waiversFor } from "./waive.ts";

const KEEP = ACTIONS.indexOf("keep");

export interface Accepted {
  readonly waivers: readonly Waiver[];
  /** As it would be then. */
  readonly plan: Plan;
}

/** @param rows jobs that are meant, in any order */
export function accept(known: Known & { readonly plan: Plan }, rows: readonly number[]): Accepted {
  const { table, observations } = known;
  let { plan, state } = known;
  const waivers: Waiver[] = [];
  for (const { first, count } of table.stages) {
    const own = rows.filter((row) => row >= first && row < first + count && differs(plan, row));
    const said = waiversFor(table, plan, state, observations, own);
    if (said.length === 0) continue;
    waivers.push(...said);
    const event = { type: "changes-accepted", at: 0, user: "", reason: "", waivers: said } as const;
    plan = planAfter({ table, state, observations }, event);
    state = stateAfter(state, event);
  }
  return { waivers, plan };
}

/** Not as its receipt says, or kept with a warning. */
function differs({ action, details }: Plan, row: number): boolean {
  return action[row] !== KEEP || details.has(row);
}
