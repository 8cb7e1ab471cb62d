// SubmissionState: one submission to a scheduler, from the intent to its end. Joined from events in any order.
import type { EventOf } from "./events.ts";

export interface SubmissionState {
  readonly token: string;
  /** Absent: not read yet. */
  readonly intended?: EventOf<"submission-intended">;
  /** SLURM's number. Absent, and not refused: unresolved. */
  readonly jobId?: number;
  readonly answeredAt?: number;
  readonly refused?: EventOf<"submission-refused">;
  /** Tasks that a person had taken out of the queue. */
  readonly cancelled?: "all" | ReadonlySet<number>;
  readonly over?: true;
}

export type SubmissionEvent = EventOf<
  "submission-intended" | "submission-answered" | "submission-refused" | "submission-cancelled" | "submission-over"
>;

export function withSubmission(known: SubmissionState | undefined, event: SubmissionEvent): SubmissionState {
  const { token } = event;
  switch (event.type) {
    case "submission-intended":
      return { ...known, token, intended: event };
    case "submission-answered":
      return { ...known, token, jobId: event.jobId, answeredAt: event.at };
    case "submission-refused":
      return { ...known, token, refused: event };
    case "submission-cancelled":
      return { ...known, token, cancelled: united(known?.cancelled, event.tasks) };
    case "submission-over":
      return { ...known, token, over: true };
  }
}

function united(known: SubmissionState["cancelled"], tasks: readonly number[] | undefined): "all" | Set<number> {
  return known === "all" || tasks === undefined ? "all" : new Set([...(known ?? []), ...tasks]);
}

export function isCancelled(submission: SubmissionState | undefined, task: number): boolean {
  const cancelled = submission?.cancelled;
  return cancelled === "all" || (cancelled?.has(task) ?? false);
}

/** Something of it may run, or may be asked to run: nobody else may take its jobs. */
export function isOpen({ over, refused }: SubmissionState): boolean {
  return !over && !refused;
}
