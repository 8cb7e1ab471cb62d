// The receipt of a result under its new name: the same recipe, other paths, and what it stands for besides. Pure; apply/ renames the files.
import type { OutputFact, Receipt } from "../state/receipt.ts";
import type { PlannedMove } from "./types.ts";

/** @param attemptId of the attempt that made the result */
export function movedReceipt(receipt: Receipt, attemptId: string, { from, outputs, stands }: PlannedMove): Receipt {
  return {
    ...receipt,
    outputs: receipt.outputs.map((fact): OutputFact => {
      const renamed = outputs.find(({ was }) => was === fact.name);
      return renamed ? { ...fact, name: renamed.name, path: renamed.to } : fact;
    }),
    moved: { key: from, attemptId },
    stands: { ...receipt.stands, ...stands },
  };
}
