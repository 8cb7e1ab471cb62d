// Pass 10, over the whole table: --target keeps what was named and what it needs, --limit the first jobs in plan order.
// What is left out waits; it is not called unchanged.
import { upstreamRows } from "../expand/table.ts";
import type { Draft } from "./draft.ts";

export function narrow(draft: Draft): void {
  const { target, limit } = draft.policy;
  if (target) leaveOut(draft, untargeted(draft, target));
  if (limit !== undefined) leaveOut(draft, beyond(draft, limit));
  draft.partial = target !== undefined || limit !== undefined;
}

function leaveOut(draft: Draft, rows: Iterable<number>): void {
  for (const row of rows) {
    draft.leftOut += 1;
    draft.settle(row, "wait", "excluded");
  }
}

/** Stages stand in topological order, so one walk backwards finds everything a target needs. */
function* untargeted(draft: Draft, target: (row: number) => boolean): Iterable<number> {
  const wanted = new Uint8Array(draft.table.count);
  for (const stage of [...draft.table.stages].reverse())
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      if (target(row)) wanted[row] = 1;
      if (wanted[row] === 0 || !concerns(draft, row)) continue;
      for (const column of stage.inputs) for (const upstream of upstreamRows(column, i)) wanted[upstream] = 1;
    }
  for (let row = 0; row < draft.table.count; row++) if (wanted[row] === 0 && concerns(draft, row)) yield row;
}

function concerns(draft: Draft, row: number): boolean {
  return draft.runs(row) || draft.stuck(row) || draft.action(row) === "adopt";
}

function* beyond(draft: Draft, limit: number): Iterable<number> {
  let taken = 0;
  for (let row = 0; row < draft.table.count; row++)
    if (draft.runs(row) || draft.action(row) === "adopt") {
      taken += 1;
      if (taken > limit) yield row;
    }
}
