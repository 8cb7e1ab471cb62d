// Pass 2b: the Node that made a result against the one its stage declares. No part of the recipe: only the worker knows which Node it
// runs in, so the receipt says it, and a declaration that fits what is there reruns nothing.
import type { StageTable } from "../expand/table.ts";
import { nodeFits } from "../ir/node-version.ts";
import type { Draft } from "./draft.ts";
import type { Detail } from "./types.ts";

export function nodeVersions(draft: Draft, stage: StageTable): void {
  const { first, count } = stage;
  const { node: declared } = stage.stage;
  if (declared === undefined) return;
  const memo = new Map<string, readonly Detail[]>();
  for (let row = first; row < first + count; row++) {
    const receipt = draft.jobs[row]?.receipt;
    // Adopted results were made by nobody we know; older receipts do not say.
    if (receipt?.node === undefined || nodeFits(declared, receipt.node)) continue;
    let details = memo.get(receipt.node);
    if (!details) memo.set(receipt.node, (details = [changed(receipt.node, declared)]));
    if (draft.change(row, stage, "environment", "env_changed", details)) draft.unsettled[row] = 1;
  }
}

function changed(old: string, now: string): Detail {
  return {
    type: "field",
    field: "environment",
    path: "environment.node",
    old: JSON.stringify(old),
    new: JSON.stringify(now),
  };
}
