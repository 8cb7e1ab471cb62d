// --target: what was named and what it needs; everything else waits.
import { upstreamRows } from "../../expand/table.ts";
import type { Draft } from "../draft.ts";
import { concerns, edgesOf, type Narrowing, OUT } from "./narrowing.ts";

export const target: Narrowing = {
  option: "target",
  given: (policy) => policy.target && `--target ${policy.target.text}`,
  leaves(draft) {
    const marks = new Uint8Array(draft.table.count);
    const wanted = wantedRows(draft, draft.policy.target!.has);
    for (let row = 0; row < marks.length; row++) if (wanted[row] === 0 && concerns(draft, row)) marks[row] = OUT;
    return { marks };
  },
};

/** Stages stand in topological order, so one walk backwards finds everything a target needs. */
function wantedRows(draft: Draft, has: (row: number) => boolean): Uint8Array {
  const wanted = new Uint8Array(draft.table.count);
  for (const stage of draft.table.stages.toReversed()) {
    const edges = edgesOf(stage).map(({ column }) => ({ column, passed: new Set<number>() }));
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      if (has(row)) wanted[row] = 1;
      if (wanted[row] === 0 || !concerns(draft, row)) continue;
      for (const { column, passed } of edges) {
        // Jobs that share a group share what they need.
        const group = column.kind === "group" ? column.group[i]! : -1;
        if (passed.has(group)) continue;
        if (group >= 0) passed.add(group);
        for (const upstream of upstreamRows(column, i)) wanted[upstream] = 1;
      }
    }
  }
  return wanted;
}
