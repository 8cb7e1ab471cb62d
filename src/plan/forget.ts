// Jobs that left the campaign: the state knows them and the table does not. Their files stay.
import { isForgotten } from "../state/job-state.ts";
import type { Draft } from "./draft.ts";

/** Keys, in order. Jobs of which only a person's word is known are nobody's results. A partial plan does what was named and forgets nothing. */
export function leftBehind(draft: Draft): string[] {
  if (draft.partial) return [];
  const { jobs } = draft.state;
  let known = 0;
  for (const job of draft.jobs) if (job) known += 1;
  if (known === jobs.size) return [];
  const here = new Set(draft.jobs);
  const keys: string[] = [];
  for (const [key, job] of jobs) if (!here.has(job) && job.attempts.length > 0 && !isForgotten(job)) keys.push(key);
  return keys.sort();
}
