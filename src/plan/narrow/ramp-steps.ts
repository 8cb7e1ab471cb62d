// Which step of the ramp every job belongs to. Pure arithmetic on places; whether a step is open is in ramp-standing.ts.
import type { StageTable } from "../../expand/table.ts";
import type { RampIR } from "../../ir/campaign.ts";
import type { Draft } from "../draft.ts";
import { perGroup } from "../per-group.ts";
import { edgesOf } from "./narrowing.ts";

/**
 * Per row, 1 for the first step; 0: blocked, and passed over. In stages without upstream a step counts jobs: those that are finished first, then
 * those in progress, then those to be run, each in plan order, so that a job that is added, unblocked or replaced later closes no step that was
 * passed. A job of another stage belongs to the last step of those it needs.
 */
export function rampSteps(draft: Draft, { steps }: RampIR): Uint8Array {
  const of = new Uint8Array(draft.table.count);
  for (const stage of draft.table.stages) {
    const ports = edgesOf(stage).map(({ column }) => perGroup(column, (rows) => latest(of, rows)));
    if (ports.length === 0) placeSources(draft, stage, steps, of);
    else
      for (let i = 0; i < stage.count; i++) {
        const row = stage.first + i;
        if (progressOf(draft, row) === undefined) continue;
        let step = 1;
        for (const ask of ports) step = Math.max(step, ask(i));
        of[row] = step;
      }
  }
  return of;
}

function placeSources(draft: Draft, stage: StageTable, steps: RampIR["steps"], of: Uint8Array): void {
  let place = 0;
  let step = 1;
  const take = (row: number) => {
    for (let size = steps[step - 1]!; size !== "all" && place >= size; size = steps[step - 1]!) step += 1;
    of[row] = step;
    place += 1;
  };
  for (const progress of ["finished", "begun", "due"])
    for (let row = stage.first; row < stage.first + stage.count; row++)
      if (progressOf(draft, row) === progress) take(row);
}

/** Undefined: blocked, by what is missing or by a person. Finished: done, or held for good. Begun: in progress, or tried and to be tried again. */
export function progressOf(draft: Draft, row: number): "finished" | "begun" | "due" | undefined {
  switch (draft.action(row)) {
    case "keep":
    case "move":
      return "finished";
    case "hold":
      if (draft.reason(row) === "unresolved") return "begun";
      return draft.blocks.of(row, draft.key(row)) ? undefined : "finished";
    case "wait":
    case "retry":
      return "begun";
    case "block":
      return undefined;
    default:
      return "due";
  }
}

function latest(of: Uint8Array, rows: Uint32Array): number {
  let step = 0;
  for (const row of rows) step = Math.max(step, of[row]!);
  return step;
}
