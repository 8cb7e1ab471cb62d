// Jobs of a plan one by one: `-v` and `--list`. Lines are made as they are printed: a million of them are never held.
import type { Plan } from "../../plan/types.ts";
import { ACTIONS, REASONS } from "../../plan/types.ts";
import { keysOf } from "../../plan/keys.ts";
import { hang, padEnd, padStart } from "./columns.ts";
import { detailText } from "./detail.ts";
import type { Look } from "./plan.ts";
import { markOf, paint, SYMBOLS } from "./symbols.ts";

export type Wanted = (row: number) => boolean;

/** Rows in plan order with their keys. */
export function* keyedRows(plan: Plan, wanted?: Wanted): Iterable<{ readonly row: number; readonly key: string }> {
  for (const stage of plan.table.stages) {
    const key = keysOf(stage);
    for (let i = 0; i < stage.count; i++)
      if (!wanted || wanted(stage.first + i)) yield { row: stage.first + i, key: key(i) };
  }
}

/** `left`: of jobs that left the campaign, those that are meant. */
export function* listKeys(plan: Plan, wanted?: Wanted, left: readonly string[] = []): Iterable<string> {
  for (const { key } of keyedRows(plan, wanted)) yield `${key}\n`;
  for (const key of left) yield `${key}\n`;
}

/** One line a job, and one for each detail; jobs that left the campaign at the end. */
export function* listJobs(
  plan: Plan,
  { palette, width }: Look,
  wanted?: Wanted,
  left: readonly string[] = wanted ? [] : plan.forget,
): Iterable<string> {
  for (const { row, key } of keyedRows(plan, wanted)) {
    const [action, reason] = [ACTIONS[plan.action[row]!]!, REASONS[plan.reason[row]!]!];
    const own = markOf(action, reason);
    yield `${paint(palette, own, padStart(SYMBOLS[own].mark, 3))} ${key}  ${paint(palette, own, reason)}\n`;
    for (const detail of plan.details.get(row) ?? [])
      yield `${hang(padEnd("", 6), detailText(detail), width, palette.dim)}\n`;
  }
  for (const key of left)
    yield `${paint(palette, "forget", padStart(SYMBOLS.forget.mark, 3))} ${key}  ${palette.dim("forget")}\n`;
}
