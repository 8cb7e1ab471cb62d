// Finds work that was done twice: two receipts of one job for the same recipe. A view over state; plans never need it, tests count it.
import type { Attempt } from "./attempt.ts";
import type { State } from "./reduce.ts";

export interface DuplicateExecution {
  readonly type: "duplicate-execution";
  readonly key: string;
  readonly recipe: string;
  readonly first: string;
  readonly second: string;
  /** True: both ran at once, which no plan asks for. False: the second came later, as it must when outputs are gone or --replace is given. */
  readonly overlapping: boolean;
}

/** In key order. */
export function duplicateExecutions(state: State): DuplicateExecution[] {
  const found: DuplicateExecution[] = [];
  for (const job of state.jobs.values()) {
    if (job.attempts.length < 2) continue;
    const accepted = new Map<string, Attempt>();
    for (const attempt of job.attempts) {
      const recipe = attempt.end?.receipt?.recipe.digest;
      if (recipe === undefined || attempt.end?.receipt?.adopted || attempt.end?.receipt?.moved) continue;
      const first = accepted.get(recipe);
      if (first) found.push(pair(job.key, recipe, first, attempt));
      accepted.set(recipe, attempt);
    }
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function pair(key: string, recipe: string, first: Attempt, second: Attempt): DuplicateExecution {
  const overlapping = second.startedAt !== undefined && second.startedAt < first.end!.at;
  return { type: "duplicate-execution", key, recipe, first: first.attemptId, second: second.attemptId, overlapping };
}
