// What a turn takes out of the queue because nobody waits for it, and what it leaves alone.
import { expect, test } from "vitest";
import { leftoversOf } from "../../../src/executors/cluster/leftovers.ts";
import type { QueuedJob } from "../../../src/executors/slurm/squeue.ts";
import type { Event } from "../../../src/state/events.ts";
import { emptyState, reduce } from "../../../src/state/reduce.ts";

const intent = (token: string): Event => ({ type: "submission-intended", at: 0, token, run: "r", array: "a", mode: "array", tasks: 9, jobs: 9 }); // prettier-ignore
const EVENTS: readonly Event[] = [
  intent("open"),
  intent("over"),
  { type: "submission-over", at: 1, token: "over" },
  intent("refused"),
  { type: "submission-refused", at: 1, token: "refused", kind: "unreachable", message: "" },
];
const row = (name: string, phase: string, more: object) => ({ jobId: 5, name, state: { phase, name: phase }, partition: "p", restarts: 0, ...more }) as QueuedJob; // prettier-ignore

test.each<[string, QueuedJob, readonly string[]]>([
  ["tasks put back after their submission was over", row("cmc-over", "pending", { arrayJobId: 4, tasks: [1, 2, 3, 7] }), ["4_[1-3,7]"]],
  ["one task", row("cmc-over", "pending", { arrayJobId: 4, tasks: [2] }), ["4_2"]],
  ["what was refused and is there all the same", row("cmc-refused", "pending", {}), ["5"]],
  ["a submission that is open", row("cmc-open", "pending", {}), []],
  ["what runs: its worker begins nothing and ends", row("cmc-over", "running", {}), []],
  ["another campaign's", row("cmc-unknown", "pending", {}), []],
  ["somebody else's", row("over", "pending", {}), []],
])("%s", (_, job, expected) => {
  const state = EVENTS.reduce((known, event) => reduce(known, event), emptyState());
  expect(leftoversOf({ jobs: [job], unreadable: [] }, state)).toEqual(expected);
}); // prettier-ignore
