// A plan of nothing but adoptions: what would run, move or is in the way waits, and so does what a receipt could not vouch for.
import { type StageTable, upstreamRows } from "../../expand/table.ts";
import type { Draft } from "../draft.ts";
import { externalPorts, portPaths } from "../external.ts";
import { shareOf } from "../readiness.ts";

/** Stages stand in topological order: what is left out upstream is known downstream. */
export function leaveAllButAdoptions(draft: Draft): void {
  for (const stage of draft.table.stages)
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      const action = draft.action(row);
      if (action === "keep" || action === "wait") continue;
      const text = action === "adopt" ? obstacle(draft, stage, i) : undefined;
      if (action === "adopt" && text === undefined) continue;
      draft.leftOut[row] = 1;
      draft.settle(row, "wait", "excluded", text === undefined ? [] : [{ type: "note", text }]);
    }
}

/** Why the receipt of files that are there could not be written. */
function obstacle(draft: Draft, stage: StageTable, index: number): string | undefined {
  const gone = externalPorts(stage).some(
    (port) => !port.ir.optional && portPaths(port, index).some((path) => !draft.observations.input(path)),
  );
  if (gone) return "is made from input files that are not there";
  return stage.stage.inputs.every((ir, p) => {
    if (ir.kind !== "edge") return true;
    const upstream = upstreamRows(stage.inputs[p]!, index);
    const there = upstream.filter((row) => draft.action(row) === "keep" || draft.action(row) === "adopt").length;
    return there >= (ir.join === "quorum" ? shareOf(ir.fraction ?? 1, upstream.length) : upstream.length);
  })
    ? undefined
    : "is made from jobs that have no result";
}
