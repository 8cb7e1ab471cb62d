// Pass 6: --replace. A person's word is a ground like any other, and the last.
import type { StageTable } from "../expand/table.ts";
import type { Draft } from "./draft.ts";

export function requests(draft: Draft, stage: StageTable): void {
  const keys = draft.keys(stage);
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    if (!draft.jobs[row]?.receipt || !draft.policy.replace(row, keys(i))) continue;
    draft.ground(row, "requested");
    draft.unsettled[row] = 1;
  }
}
