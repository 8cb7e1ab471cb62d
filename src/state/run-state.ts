// RunState: one `apply`, from its start to how it came out. Joined from events in any order.
import type { EventOf } from "./events.ts";

export interface RunState {
  readonly run: string;
  /** Absent: its start was not recorded (or not read yet). */
  readonly start?: EventOf<"apply-started">;
  /** Absent: it is running, or was killed. */
  readonly end?: EventOf<"apply-finished">;
  /** The first request to stop. */
  readonly cancel?: EventOf<"cancel-requested">;
}

export function withRunStart(known: RunState | undefined, start: EventOf<"apply-started">): RunState {
  return { ...known, run: start.run, start: earlier(known?.start, start) };
}

export function withRunEnd(known: RunState | undefined, end: EventOf<"apply-finished">): RunState {
  return { ...known, run: end.run, end: earlier(known?.end, end) };
}

export function withCancel(known: RunState | undefined, cancel: EventOf<"cancel-requested">): RunState {
  return { ...known, run: cancel.run, cancel: earlier(known?.cancel, cancel) };
}

/** Same for both orders of arrival, also when the clock says the same. */
function earlier<T extends { readonly at: number }>(a: T | undefined, b: T): T {
  if (!a || b.at < a.at) return b;
  return a.at < b.at || JSON.stringify(a) <= JSON.stringify(b) ? a : b;
}

/** Latest first. Ids break ties, so that equal clocks give one order. */
export function runsByTime(runs: Iterable<RunState>): RunState[] {
  const time = (run: RunState) => run.start?.at ?? run.cancel?.at ?? run.end?.at ?? 0;
  return [...runs].sort((a, b) => time(b) - time(a) || (a.run < b.run ? 1 : -1));
}
