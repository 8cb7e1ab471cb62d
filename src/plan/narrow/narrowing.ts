// What every narrowing is: an option, and the rows it leaves out of a plan. Shared words and steps; which rows is each option's own business.
import type { StageTable } from "../../expand/table.ts";
import type { InputIR } from "../../ir/stage.ts";
import type { Draft } from "../draft.ts";
import { perGroup } from "../per-group.ts";
import { shareOf } from "../readiness.ts";
import type { Detail, NarrowingOption, Policy } from "../types.ts";

/** Marks of rows: 0 stays, 1 is left out by name or by place, 2 is left out because it needs one that is. */
export const STAYS = 0;
export const OUT = 1;
export const NEEDS = 2;

export interface Narrowing {
  readonly option: NarrowingOption;
  /** The option as it was given, `--limit 3`; undefined: it was not. */
  readonly given: (policy: Policy) => string | undefined;
  readonly leaves: (draft: Draft) => { readonly marks: Uint8Array; readonly note?: string };
}

/** Is to be done, or cannot be: only such rows can be left out. Complete and running jobs are as they are. */
export function concerns(draft: Draft, row: number): boolean {
  return changes(draft, row) || draft.stuck(row);
}

/** An adoption needs its upstream as a run does. */
export function changes(draft: Draft, row: number): boolean {
  return draft.runs(row) || draft.action(row) === "adopt";
}

/** There is a result, here or where it is moved from before anything runs: moves are names, and no option leaves them out. */
export function isDone(draft: Draft, row: number): boolean {
  const action = draft.action(row);
  return action === "keep" || action === "move";
}

/** Marks what needs a marked row. `share`: a quorum can do without it as long as its share is left; else it waits for all of it. */
export function markDependents(draft: Draft, marks: Uint8Array, quorum: "share" | "whole"): void {
  const gone = (row: number) => marks[row] !== STAYS || draft.leftOut[row] === 1 || draft.stuck(row);
  const short = (ir: InputIR & { kind: "edge" }, rows: Uint32Array): boolean => {
    if (!rows.some((row) => marks[row] !== STAYS)) return false;
    if (ir.join !== "quorum" || quorum === "whole") return true;
    return rows.filter((row) => !gone(row)).length < shareOf(ir.fraction ?? 1, rows.length);
  };
  // Stages stand in topological order: what a stage needs is marked already.
  for (const stage of draft.table.stages) {
    const ports = edgesOf(stage).map(({ ir, column }) => perGroup(column, (rows) => short(ir, rows)));
    if (ports.length === 0) continue;
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      if (marks[row] === STAYS && concerns(draft, row) && ports.some((ask) => ask(i))) marks[row] = NEEDS;
    }
  }
}

export function edgesOf(stage: StageTable) {
  return stage.stage.inputs.flatMap((ir, p) => (ir.kind === "edge" ? [{ ir, column: stage.inputs[p]! }] : []));
}

/** Settles the marked rows as waiting. `detailOf`: the same object for the same cause, whatever the number of rows. */
export function leaveOut(
  draft: Draft,
  marks: Uint8Array,
  reason: "excluded" | "ramp",
  detailOf: (mark: number) => Detail,
): number {
  let count = 0;
  const joined = new Map<readonly Detail[] | undefined, (readonly Detail[])[]>();
  for (let row = 0; row < marks.length; row++) {
    const mark = marks[row]!;
    if (mark === STAYS) continue;
    count += 1;
    draft.leftOut[row] = 1;
    draft.settle(row, "wait", reason);
    // Rows share their details: a list a row would be a hundred thousand lists.
    const before = draft.details.get(row);
    let byMark = joined.get(before);
    if (!byMark) joined.set(before, (byMark = []));
    draft.details.set(row, (byMark[mark] ??= [detailOf(mark), ...(before ?? [])]));
  }
  return count;
}
