// --batch: runs a slice of one batch and exits (array mode). Jobs that already have a receipt of this run are passed over, so a requeued array element goes on.
import { eventsIn } from "../state/journal-file.ts";
import { nextAttempt } from "../state/job-state.ts";
import { readJournals } from "../state/read-journal.ts";
import { StringPool } from "../state/string-pool.ts";
import { perform } from "./attempt.ts";
import type { SliceMode } from "./options.ts";
import { Publisher } from "./publisher.ts";
import type { Execution } from "./run-job.ts";

/** Exit code 0: every job of the slice has a receipt; 9: some failed; 8: stopped. */
export async function runSlice(execution: Execution, run: string, slice: SliceMode): Promise<number> {
  const { worker, stop } = execution;
  const done = receiptedIn(worker.root, run);
  const { state } = readJournals(worker.root).fold();
  const to = Math.min(slice.to ?? Infinity, worker.bundle.lines(slice.batch));
  const publisher = new Publisher(worker);
  let failures = 0;
  for (let line = slice.from; line < to && !stop.aborted; line++) {
    const { key } = worker.bundle.job(slice.batch, line);
    if (done.has(key)) continue;
    const request = { type: "run", batch: slice.batch, line, attempt: nextAttempt(state.jobs.get(key)) } as const;
    const attempted = await perform(execution, request, () => undefined);
    await publisher.add(attempted, (finished) => (failures += finished.class === "ok" ? 0 : 1));
  }
  await publisher.idle();
  return stop.aborted ? 8 : failures > 0 ? 9 : 0;
}

/** Keys with a receipt written by a worker of this run. An older receipt does not count: the plan may ask for a rerun. */
function receiptedIn(root: string, run: string): ReadonlySet<string> {
  const keys = new Set<string>();
  const pool = new StringPool();
  for (const writer of readJournals(root).writers) {
    if (writer.run !== run) continue;
    for (const event of eventsIn(writer.file, pool, () => undefined))
      if (event.type === "attempt-finished" && event.class === "ok") keys.add(event.key);
  }
  return keys;
}
