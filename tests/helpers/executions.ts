// What jobs note outside the root when they really begin and end, held against the journals: lines of "start KEY ATTEMPT-ID MS" and "end ...".
import { readFileSync } from "node:fs";
import type { State } from "../../src/state/reduce.ts";

export interface Said {
  readonly what: string;
  readonly key: string;
  readonly id: string;
  readonly at: number;
}

/** Real executions, in the order they happened. None, where there is no such file. */
export function saidIn(file: string): Said[] {
  return textOf(file)
    .split("\n")
    .flatMap((line) => {
      const [what, key, id, at] = line.split(" ");
      return what && key && id ? [{ what, key, id, at: Number(at) }] : [];
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** No execution without a record, none twice, none beside another of its job, none after the receipt of its recipe. */
export function executionProblems(file: string, state: State): string[] {
  const problems: string[] = [];
  const begun = new Set<string>();
  const latest = new Map<string, string>();
  for (const { what, key, id, at } of saidIn(file)) {
    const job = state.jobs.get(key);
    const attempt = job?.attempts.find((candidate) => candidate.attemptId === id);
    if (!job || !attempt) {
      problems.push(`${key} ran as ${id}, which no journal knows`);
      continue;
    }
    if (what === "end") {
      if (latest.get(key) !== id) problems.push(`${key}: ${id} still ran when ${latest.get(key)} had begun`);
      continue;
    }
    if (begun.has(id)) problems.push(`${key}: ${id} ran twice`);
    begun.add(id);
    latest.set(key, id);
    const accepted = job.attempts.find((other) => other.end?.class === "ok" && other.recipe === attempt.recipe);
    if (accepted && accepted !== attempt && Math.max(at, attempt.startedAt!) > accepted.end!.at)
      problems.push(`${key}: ${id} ran after the receipt of ${accepted.attemptId}`);
  }
  for (const job of state.jobs.values())
    for (const { attemptId, end } of job.attempts) if (end?.class === "ok" && !end.receipt?.adopted && !begun.has(attemptId)) problems.push(`${job.key}: ${attemptId} has a receipt and never ran`); // prettier-ignore
  return problems;
}
