// What the executor tells while it runs: counts, and what happened. Values; it prints nothing.
import type { AttemptClass } from "../../state/events.ts";
import type { GateFact } from "../../state/receipt.ts";

export interface Progress {
  readonly total: number;
  readonly done: number;
  /** Finally failed. */
  readonly failed: number;
  /** Can never start in this run, because something they need failed. */
  readonly blocked: number;
  readonly running: number;
  /** Failed and waiting for their next try. */
  readonly retrying: number;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Jobs a second over the last half minute; 0 before the first has ended. */
  readonly rate: number;
}

export type LocalEvent =
  | {
      readonly type: "started";
      readonly key: string;
      readonly stage: string;
      readonly attempt: number;
      readonly worker: string;
    }
  | {
      readonly type: "finished";
      readonly key: string;
      readonly stage: string;
      readonly attempt: number;
      readonly class: AttemptClass;
      readonly message: string;
      readonly seconds: number;
      /** Seconds until the next try. Absent: this was the last word. */
      readonly retryIn?: number;
      /** Gates of level warn that did not pass. */
      readonly warnings: readonly GateFact[];
    }
  | { readonly type: "blocked"; readonly key: string; readonly by: string }
  | { readonly type: "worker-lost"; readonly worker: string; readonly message: string };

const WINDOW_SECONDS = 30;

/** Counts, and the rate over a sliding window of one-second bins. */
export class Tally {
  done = 0;
  failed = 0;
  blocked = 0;
  running = 0;
  retrying = 0;
  private readonly start: number;
  private readonly bins = new Map<number, number>();

  constructor(
    readonly total: number,
    private readonly now: () => number,
  ) {
    this.start = now();
  }

  ended(): void {
    const second = Math.floor((this.now() - this.start) / 1000);
    this.bins.set(second, (this.bins.get(second) ?? 0) + 1);
    for (const old of this.bins.keys()) if (old <= second - WINDOW_SECONDS) this.bins.delete(old);
  }

  snapshot(): Progress {
    const { total, done, failed, blocked, running, retrying } = this;
    const elapsed = (this.now() - this.start) / 1000;
    let ended = 0;
    for (const [second, count] of this.bins) if (second > elapsed - WINDOW_SECONDS) ended += count;
    const rate = elapsed > 0 ? ended / Math.min(elapsed, WINDOW_SECONDS) : 0;
    return { total, done, failed, blocked, running, retrying, elapsed, rate };
  }
}
