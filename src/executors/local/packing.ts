// How many jobs a worker is sent ahead: one, unless jobs are so short that the round trip to the executor would be felt. Pure.

/** Work sent ahead to one worker, in seconds: long against a round trip (0.1 ms), short against anybody's patience. */
const AHEAD_SECONDS = 0.1;
const MOST = 64;
/** Weight of the newest duration in the running mean. */
const NEWEST = 0.3;

/** Mean duration of the jobs of a stage, as seen so far. */
export class Pace {
  private readonly means = new Map<string, number>();

  record(stage: string, seconds: number): void {
    const mean = this.means.get(stage);
    this.means.set(stage, mean === undefined ? seconds : mean + NEWEST * (seconds - mean));
  }

  /** 1 until a duration is known. */
  depth(stage: string): number {
    const mean = this.means.get(stage);
    if (mean === undefined) return 1;
    return Math.min(MOST, Math.max(1, Math.floor(AHEAD_SECONDS / Math.max(mean, 1e-6))));
  }
}

/** No worker gets more than its share of what is left, so that the last ones finish together. */
export function fairDepth(depth: number, ready: number, workers: number): number {
  return Math.min(depth, Math.max(1, Math.ceil(ready / (2 * workers))));
}
