// Batches: what is handed to an executor at once. Per stage, in plan order; adopted outputs apart, because they run nothing.
import type { StageTable } from "../expand/table.ts";
import type { Draft } from "./draft.ts";
import type { Batch } from "./types.ts";

/** Jobs that a plan hands to an executor. */
export function plannedJobs({ batches }: { readonly batches: readonly Batch[] }): number {
  return batches.reduce((sum, batch) => sum + batch.rows.length, 0);
}

export function batchesOf(draft: Draft): Batch[] {
  const { execution } = draft.table.campaign;
  return draft.table.stages.flatMap((stage) => {
    const size = stage.stage.batchSize ?? execution.batchSize;
    const { name } = stage.stage;
    return [
      ...cut(
        name,
        name,
        size,
        rowsWhere(stage, (row) => draft.runs(row)),
      ),
      ...cut(
        name,
        `adopt-${name}`,
        size,
        rowsWhere(stage, (row) => draft.action(row) === "adopt"),
      ),
    ];
  });
}

function rowsWhere(stage: StageTable, wanted: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(stage.count);
  let count = 0;
  for (let row = stage.first; row < stage.first + stage.count; row++) if (wanted(row)) rows[count++] = row;
  return rows.slice(0, count);
}

function cut(stage: string, prefix: string, size: number, rows: Uint32Array): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < rows.length; start += size)
    batches.push({
      id: `${prefix}-${String(batches.length + 1).padStart(4, "0")}`,
      stage,
      rows: rows.subarray(start, start + size),
    });
  return batches;
}
