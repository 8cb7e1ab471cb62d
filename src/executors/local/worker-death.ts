// What follows from a worker's death for the attempt it had begun: what its journal says is believed, else the attempt gets an end here.
import type { AttemptClass, EventOf } from "../../state/events.ts";
import type { JournalWriter } from "../../state/journal.ts";
import { oomKills } from "../../worker/process-group.ts";
import type { LaneEnd } from "./lane.ts";
import { removeStaging } from "./orphans.ts";
import { endProcesses, markedProcesses } from "./processes.ts";

/** What a job's processes get to end by themselves. */
const JOB_GRACE_MS = 2000;

/** Tells whether the kernel killed anybody for memory since it was last asked. */
export class MemoryKills {
  private count = oomKills();

  rose(): boolean {
    const before = this.count;
    this.count = oomKills();
    return this.count > before;
  }
}

export interface BegunAttempt {
  readonly key: string;
  readonly attempt: number;
  readonly attemptId: string;
  /** As the dead worker had recorded it. Absent: it had not. */
  readonly finished: EventOf<"attempt-finished"> | undefined;
  /** False: its job had ended well, only its outputs were not published yet. */
  readonly running: boolean;
}

/** How the attempt ended. Ends its processes, removes its staging directory, and records it unless the worker had. */
export async function settleAttempt(
  { root, journal }: { readonly root: string; readonly journal: JournalWriter },
  { key, attempt, attemptId, finished, running }: BegunAttempt,
  end: LaneEnd,
  stopping: boolean,
  memoryKills: MemoryKills,
): Promise<{ readonly class: AttemptClass; readonly message: string }> {
  // Only when nobody writes there any more: a folder that still grows cannot be removed.
  const clear = () => removeStaging(root, attemptId);
  if (finished) {
    clear();
    return finished;
  }
  await endProcesses(() => markedProcesses(root, (id) => id === attemptId), JOB_GRACE_MS);
  const how = stopping
    ? { class: "cancelled" as const, message: "stopped while it ran" }
    : running
      ? deathOf(end, memoryKills.rose())
      : { class: "lost" as const, message: "its worker ended before its outputs were published" };
  const signal = end.signal ? { signal: end.signal } : {};
  const base = { type: "attempt-finished", at: Date.now(), key, attempt, attemptId } as const;
  journal.append({ ...base, ...how, phases: [], ...signal });
  clear();
  return how;
}

/** What a worker's death says of the job it was running. Pure. */
export function deathOf(
  { code, signal }: LaneEnd,
  memoryKilled: boolean,
): { readonly class: AttemptClass; readonly message: string } {
  if (signal === "SIGKILL" && memoryKilled)
    return { class: "oom", message: "its worker was killed by the kernel for memory" };
  if (signal === null) return { class: "lost", message: `its worker ended with exit code ${code}` };
  if (signal === "SIGKILL" || signal === "SIGTERM")
    return { class: "lost", message: `its worker was ended by ${signal}` };
  // SIGSEGV, SIGABRT ...: the job took its worker with it.
  return { class: "signal", message: `it crashed its worker (${signal})` };
}
