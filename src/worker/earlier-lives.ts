// What those who worked on the same jobs before have left in their journals: jobs that came to an end, and attempts that did not. Reads these journals only.
import { basename, join } from "node:path";
import type { TaskJob } from "../ir/task-line.ts";
import { isInterruption } from "../state/attempt.ts";
import { eventsIn } from "../state/journal-file.ts";
import type { JournalWriter } from "../state/journal.ts";
import { journalFiles } from "../state/read-journal.ts";
import { StringPool } from "../state/string-pool.ts";
import { errno } from "../state/write-error.ts";

interface Past {
  /** Highest number of an attempt that was begun. */
  begun: number;
  /** Highest number of an attempt that ended well or failed. */
  concluded: number;
  /** Attempts that were begun, by id. */
  readonly started: Map<string, number>;
  readonly ended: Set<string>;
}

/** What is left to do of `jobs`. Their open attempts are declared lost in `journal`. `names`: below `journal/`; absent: all of them. */
export function resume(
  root: string,
  names: readonly string[] | undefined,
  jobs: readonly TaskJob[],
  journal: JournalWriter,
): TaskJob[] {
  const own = basename(journal.file);
  const files = names?.map((name) => join(root, "journal", name)) ?? journalFiles(root);
  const past = new Map(
    jobs.map(({ key }): [string, Past] => [key, { begun: 0, concluded: 0, started: new Map(), ended: new Set() }]),
  );
  for (const file of files) if (basename(file) !== own) read(file, past);
  const message = "its worker was gone when another took up its work";
  for (const [key, { started, ended }] of past)
    for (const [attemptId, attempt] of started) {
      const lost = { key, attempt, attemptId, class: "lost", message, phases: [] } as const;
      if (!ended.has(attemptId)) journal.append({ type: "attempt-finished", at: Date.now(), ...lost });
    }
  return jobs.flatMap((job) => {
    const { begun, concluded } = past.get(job.key)!;
    return concluded >= job.attempt ? [] : [{ ...job, attempt: Math.max(job.attempt, begun + 1) }];
  });
}

function read(file: string, past: ReadonlyMap<string, Past>): void {
  for (const event of eventsOf(file)) {
    if (event.type !== "attempt-started" && event.type !== "attempt-finished") continue;
    const job = past.get(event.key);
    if (!job) continue;
    const { attempt, attemptId } = event;
    job.begun = Math.max(job.begun, attempt);
    if (event.type === "attempt-started") job.started.set(attemptId, attempt);
    else {
      job.ended.add(attemptId);
      if (!isInterruption(event.class)) job.concluded = Math.max(job.concluded, attempt);
    }
  }
}

/** A journal that was never made has no events: its worker died before it began anything. */
function* eventsOf(file: string) {
  try {
    yield* eventsIn(file, new StringPool(), () => undefined);
  } catch (error) {
    if (errno(error) !== "ENOENT") throw error;
  }
}
