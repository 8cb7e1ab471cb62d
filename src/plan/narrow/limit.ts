// --limit: the first jobs in plan order that something is to be done about. Upstream stages stand first, so what a job needs comes before it.
import { changes, markDependents, type Narrowing, OUT } from "./narrowing.ts";

export const limit: Narrowing = {
  option: "limit",
  given: ({ limit: most }) => (most === undefined ? undefined : `--limit ${most}`),
  leaves(draft) {
    const most = draft.policy.limit!;
    const marks = new Uint8Array(draft.table.count);
    let taken = 0;
    for (let row = 0; row < marks.length; row++) if (changes(draft, row) && ++taken > most) marks[row] = OUT;
    markDependents(draft, marks, "whole");
    return { marks };
  },
};
