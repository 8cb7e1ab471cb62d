// What a dead worker had written down: read from its journal, to know which jobs it finished, which one it was running, which it never began.
import type { EventOf } from "../../state/events.ts";
import { eventsIn } from "../../state/journal-file.ts";
import { StringPool } from "../../state/string-pool.ts";

export interface LastWords {
  /** Ends by attempt id. */
  readonly finished: ReadonlyMap<string, EventOf<"attempt-finished">>;
  /** The latest attempt of a key that was begun. */
  readonly started: ReadonlyMap<string, EventOf<"attempt-started">>;
}

export function lastWords(journalFile: string | undefined): LastWords {
  const finished = new Map<string, EventOf<"attempt-finished">>();
  const started = new Map<string, EventOf<"attempt-started">>();
  if (journalFile !== undefined)
    for (const event of eventsIn(journalFile, new StringPool(), () => undefined)) {
      if (event.type === "attempt-started") started.set(event.key, event);
      if (event.type === "attempt-finished") finished.set(event.attemptId, event);
    }
  return { finished, started };
}
