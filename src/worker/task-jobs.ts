// What an array task is to do: its line of a task file, as jobs. An explicit line says everything; a slice asks the journals of this root.
import { readFileSync } from "node:fs";
import type { TaskJob, TaskLine } from "../ir/task-line.ts";
import { nextAttempt } from "../state/job-state.ts";
import { eventsIn } from "../state/journal-file.ts";
import { readJournals } from "../state/read-journal.ts";
import { StringPool } from "../state/string-pool.ts";
import { errno } from "../state/write-error.ts";
import type { BundleReader } from "./bundle-reader.ts";
import { UsageError } from "./options.ts";

/** Line `task`, counted from 0. */
export function readTaskLine(file: string, task: number): TaskLine {
  const line = textOf(file).split("\n", task + 1)[task];
  if (!line) throw new UsageError(`${file} has no line ${task}`);
  return JSON.parse(line) as TaskLine;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (errno(error) === "ENOENT") throw new UsageError(`there is no task file ${file}`);
    throw error;
  }
}

/** Of a slice: jobs with a receipt of this run are passed over, the others get the number after their last attempt. */
export function jobsOf(line: TaskLine, bundle: BundleReader, root: string, run: string): readonly TaskJob[] {
  if ("jobs" in line) return line.jobs;
  const { batch, from } = line;
  const done = receiptedIn(root, run);
  const { state } = readJournals(root).fold();
  const jobs: TaskJob[] = [];
  for (let at = from; at < Math.min(line.to, bundle.lines(batch)); at++) {
    const { key } = bundle.job(batch, at);
    if (!done.has(key)) jobs.push({ type: "run", key, batch, line: at, attempt: nextAttempt(state.jobs.get(key)) });
  }
  return jobs;
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
