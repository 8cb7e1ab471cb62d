// Tasks that declare another Node than this one: refused before any of them fails for it.
import { fail } from "../../diagnostics/diagnostic.ts";
import { type JobTable, keyOfRow, stageOfRow } from "../../expand/table.ts";
import { nodeFits } from "../../ir/node-version.ts";

/** Throws plan/node for the first stage that would run and declares another. @param batches rows of one stage each */
export function refuseOtherNode(table: JobTable, batches: Iterable<Uint32Array>, actual: string): void {
  for (const rows of batches) {
    const row = rows[0];
    const node = row === undefined ? undefined : stageOfRow(table, row).stage.node;
    if (row === undefined || node === undefined || nodeFits(node, actual)) continue;
    const job = keyOfRow(table, row);
    fail({
      code: "plan/node",
      message: `stage ${stageOfRow(table, row).stage.name} declares Node ${node}, and this is Node ${actual}`,
      job,
    });
  }
}
