// --exclude: what was named waits, and so does what needs it; a quorum that has its share without it does not.
import { concerns, markDependents, type Narrowing, OUT } from "./narrowing.ts";

export const exclude: Narrowing = {
  option: "exclude",
  given: (policy) => policy.exclude && `--exclude ${policy.exclude.text}`,
  leaves(draft) {
    const { has } = draft.policy.exclude!;
    const marks = new Uint8Array(draft.table.count);
    for (let row = 0; row < marks.length; row++) if (has(row) && concerns(draft, row)) marks[row] = OUT;
    markDependents(draft, marks, "share");
    return { marks };
  },
};
