// Results that a person had verified and wrote down as not what their receipts say, although size and time are: `cmc verify --write`.
import type { StageTable } from "../expand/table.ts";
import { doubtOf } from "../state/verification.ts";
import type { OutputFinding } from "../state/receipt.ts";
import type { Draft } from "./draft.ts";
import type { Drift } from "./drift.ts";

export function doubts(draft: Draft, stage: StageTable): void {
  const { verified } = draft.state;
  if (verified.size === 0) return;
  for (let row = stage.first; row < stage.first + stage.count; row++) {
    const doubt = doubtOf(verified, draft.jobs[row]?.accepted?.attemptId);
    if (doubt) draft.ground(row, "output_invalid", doubt.outputs.map(doubtDetail));
  }
}

/** Digests by their beginnings. */
export function doubtDetail({ name, path, what, old, new: now }: OutputFinding): Drift {
  const shown = (text: string) => (what === "content" ? text.slice(0, 12) : text);
  const head = { type: "output", name, path, what } as const;
  return {
    ...head,
    ...(old === undefined ? {} : { old: shown(old) }),
    ...(now === undefined ? {} : { new: shown(now) }),
  };
}
