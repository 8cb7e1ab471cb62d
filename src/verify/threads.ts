// Asks worker threads to look into outputs, several at once: sha256 takes a processor, and the disks of a cluster can feed many.
import { closeSync, openSync } from "node:fs";
import { TaskHost } from "../worker/task-host.ts";
import type { Order, Reply } from "../worker/thread-protocol.ts";

export interface Threads {
  readonly lanes: number;
  /** worker.mjs: its thread knows how to hash and to validate. */
  readonly worker: URL;
  readonly stop: AbortSignal;
}

/** `answered` in the order of completion. Resolves when all are answered, or at once after a stop. */
export async function askThreads(
  count: number,
  order: (place: number) => Order,
  { lanes, worker, stop }: Threads,
  answered: (place: number, reply: Reply) => void,
): Promise<void> {
  const silence = openSync("/dev/null", "w");
  let next = 0;
  const lane = async (): Promise<void> => {
    const host = new TaskHost(silence, worker);
    try {
      while (next < count && !stop.aborted) {
        const place = next++;
        answered(place, await host.order(order(place), {}, stop));
      }
    } catch (error) {
      // The other lanes end, too.
      next = count;
      if (!stop.aborted) throw error;
    } finally {
      await host.close();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, count) }, lane));
  closeSync(silence);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
