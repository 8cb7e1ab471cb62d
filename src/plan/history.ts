// Questions plan/ asks of a job's past. The state answers in attempts; here they become what a plan is about.
import type { Attempt } from "../state/attempt.ts";
import type { StageRecord } from "../state/events.ts";
import type { JobState, State } from "../state/reduce.ts";
import { type RunState, runsByTime } from "../state/run-state.ts";

/** The last try, whether it ended or not. */
export function newestAttempt(job: JobState | undefined): Attempt | undefined {
  return job?.attempts.at(-1);
}

/** Tried under this recipe; an attempt whose start nobody recorded is taken to be. */
export function triedWith(attempt: Attempt, recipe: string): boolean {
  return attempt.recipe === undefined || attempt.recipe === recipe;
}

export function successes(job: JobState): readonly Attempt[] {
  return job.attempts.filter((attempt) => attempt.end?.class === "ok");
}

/** What a stage was made of in the run that made a job's receipt: the last run that started before it did. */
export class CodeHistory {
  private runs: readonly RunState[] | undefined;

  constructor(private readonly state: State) {}

  before(stage: string, job: JobState): StageRecord | undefined {
    const at = job.accepted?.startedAt;
    if (at === undefined) return undefined;
    this.runs ??= runsByTime(this.state.runs.values());
    return this.runs.find((run) => run.start !== undefined && run.start.at <= at)?.start?.code[stage];
  }
}
