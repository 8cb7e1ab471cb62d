// What came of each run: jobs with a result, and jobs finally without. As its end says; where nobody counted (killed, in progress, an
// earlier cmc), by the attempts that began between its start and the next one's. Pure.
import { isFailure } from "./attempt.ts";
import type { State } from "./reduce.ts";
import { runsByTime } from "./run-state.ts";

export interface RunTally {
  readonly done: number;
  readonly failed: number;
}

/** Runs whose start is not known have none. */
export function tallyRuns(state: State): ReadonlyMap<string, RunTally> {
  const runs = runsByTime(state.runs.values()).reverse().filter((run) => run.start); // prettier-ignore
  const tallies = runs.map(() => ({ done: 0, failed: 0 }));
  const starts = runs.map((run) => run.start!.at);
  const uncounted = runs.map(({ end }) => end?.done === undefined);
  if (uncounted.includes(true))
    for (const { attempts } of state.jobs.values()) {
      // The last word of a job on each run.
      const words = new Map<number, "done" | "failed">();
      for (const attempt of attempts) {
        // Nothing was run for a result that moved.
        if (attempt.end?.receipt?.moved) continue;
        const run = lastAtOrBefore(starts, attempt.startedAt ?? attempt.end!.at);
        if (attempt.end?.class === "ok") words.set(run, "done");
        else if (isFailure(attempt) && words.get(run) !== "done") words.set(run, "failed");
      }
      for (const [run, word] of words) if (run >= 0) tallies[run]![word] += 1;
    }
  return new Map(
    runs.map(({ run, end }, i) => [
      run,
      end?.done === undefined ? tallies[i]! : { done: end.done, failed: end.failed ?? 0 },
    ]),
  );
}

/** Index of the last of ascending numbers that is not above `limit`; -1: all are. */
function lastAtOrBefore(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
