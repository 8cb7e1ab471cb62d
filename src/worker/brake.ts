// The no-progress brake: so many failures in a row, without a success between, are the fault of what the jobs share. Knows no files.
import type { Finished } from "./protocol.ts";
import { isFailure } from "./work.ts";

export class Brake {
  private failures = 0;
  private last: Finished | undefined;

  constructor(private readonly most: number) {}

  /** A job that has failed before says nothing of the others: packs of retries are packs of failures. */
  record(finished: Finished, failedBefore: boolean): void {
    if (finished.class === "ok") this.failures = 0;
    else if (isFailure(finished) && !failedBefore) {
      this.failures += 1;
      this.last = finished;
    }
  }

  get pulled(): boolean {
    return this.failures >= this.most;
  }

  /** For people. */
  get reason(): string {
    const { key, class: how, message } = this.last!;
    return `${this.failures} failures in a row, the last: ${key} (${how}): ${message}`;
  }
}
