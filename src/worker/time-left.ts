// Whether a job would end before the allocation does: by what jobs of its stage took in this worker, else by the limit it declares. No timers.
import type { TaskJob } from "../ir/task-line.ts";

/** Fewer tell nothing of a p99. */
const ENOUGH = 20;
/** What was measured may take longer next time, and recording takes a moment. */
const FACTOR = 1.5;
const MARGIN = 30;
/** Seconds before the end at which a job that takes all of the time is ended by its worker, to be recorded. */
const RECORDING = 20;
/** Seconds in which nothing is worth beginning that may take longer. */
const TOO_LATE = 60;
const SAMPLES = 1000;

export class TimeLeft {
  private readonly taken = new Map<string, number[]>();
  private first = true;

  /** `end`: milliseconds since 1970, as `now` tells them. undefined: there is none. */
  constructor(
    private readonly end: number | undefined,
    private readonly now: () => number,
  ) {}

  /**
   * The job as it may be begun; undefined: not here. The first one always may: an allocation that is too short for it will not be
   * longer next time, and a job that is ended by its limit is answered by more time.
   */
  admit(stage: string, walltime: number | undefined, job: TaskJob): TaskJob | undefined {
    const { first } = this;
    this.first = false;
    if (this.end === undefined) return job;
    const left = (this.end - this.now()) / 1000;
    if (!first || left < TOO_LATE) return left >= this.needed(stage, walltime) ? job : undefined;
    const limit = left - RECORDING;
    return walltime !== undefined && walltime <= limit
      ? job
      : { ...job, resources: { ...job.resources, walltime: limit } };
  }

  /** A job of the stage has its receipt, so many seconds after it was begun. */
  record(stage: string, seconds: number): void {
    const taken = this.taken.get(stage) ?? [];
    this.taken.set(stage, taken);
    if (taken.length === SAMPLES) taken.shift();
    taken.push(seconds);
  }

  private needed(stage: string, walltime = Infinity): number {
    const measured = p99(this.taken.get(stage) ?? []);
    if (measured !== undefined) return Math.min(walltime, FACTOR * measured + MARGIN);
    return Number.isFinite(walltime) ? walltime : 0;
  }
}

function p99(values: readonly number[]): number | undefined {
  if (values.length < ENOUGH) return undefined;
  return [...values].sort((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1];
}
