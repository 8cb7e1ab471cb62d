// Pass 2b: the Node that made a result against the one its stage declares. No part of the recipe: only the worker knows which Node it
// runs in, so the receipt says it, and a declaration that fits what is there reruns nothing.
import type { StageTable } from "../expand/table.ts";
import { nodeFits } from "../ir/node-version.ts";
import type { Receipt } from "../state/receipt.ts";
import { waiversOf } from "../state/job-state.ts";
import type { Draft } from "./draft.ts";
import type { Detail } from "./types.ts";

export function nodeVersions(draft: Draft, stage: StageTable): void {
  const { first, count } = stage;
  const { node: declared } = stage.stage;
  if (declared === undefined) return;
  const memo = new Map<string, readonly Detail[]>();
  for (let row = first; row < first + count; row++) {
    const job = draft.jobs[row];
    if (!job?.receipt || nodeFitsReceipt(declared, job.receipt)) continue;
    if (job.waivers && waiversOf(job).some((waiver) => waiver.node === declared)) continue;
    const { node = "" } = job.receipt;
    let details = memo.get(node);
    if (!details) memo.set(node, (details = [changed(node, declared)]));
    if (draft.change(row, stage, "environment", "env_changed", details)) draft.unsettled[row] = 1;
  }
}

/** Adopted results were made by nobody we know; older receipts do not say. */
export function nodeFitsReceipt(declared: string, { node }: Receipt): boolean {
  return node === undefined || nodeFits(declared, node);
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
