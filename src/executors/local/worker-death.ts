// What a worker's death says of the job it was running. Pure, but for the kernel's count of memory kills.
import type { AttemptClass } from "../../state/events.ts";
import { oomKills } from "../../worker/process-group.ts";
import type { LaneEnd } from "./lane.ts";

/** Tells whether the kernel killed anybody for memory since it was last asked. */
export class MemoryKills {
  private count = oomKills();

  rose(): boolean {
    const before = this.count;
    this.count = oomKills();
    return this.count > before;
  }
}

/** What a worker's death says of the job it was running. */
export function deathOf({ code, signal }: LaneEnd, memoryKilled: boolean): { how: AttemptClass; message: string } {
  if (signal === "SIGKILL" && memoryKilled)
    return { how: "oom", message: "its worker was killed by the kernel for memory" };
  if (signal === null) return { how: "lost", message: `its worker ended with exit code ${code}` };
  if (signal === "SIGKILL" || signal === "SIGTERM")
    return { how: "lost", message: `its worker was ended by ${signal}` };
  // SIGSEGV, SIGABRT ...: the job took its worker with it.
  return { how: "signal", message: `it crashed its worker (${signal})` };
}
