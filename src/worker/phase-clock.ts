// Wall time by named phase: one is open at a time, entering the next ends it. Used by the worker for its steps and by tasks for theirs.
import type { Phase } from "../state/events.ts";

export class PhaseClock {
  private readonly phases: Phase[] = [];
  private open: { readonly name: string; readonly since: number } | undefined;

  enter(name: string): void {
    this.end();
    this.open = { name, since: performance.now() };
  }

  /** Ends the open phase; all phases so far. */
  end(): readonly Phase[] {
    if (this.open) this.phases.push({ name: this.open.name, seconds: seconds(this.open.since) });
    this.open = undefined;
    return this.phases;
  }
}

/** To the microsecond. */
export function seconds(since: number): number {
  return Math.round((performance.now() - since) * 1000) / 1e6;
}
