// What the local executor is asked and what it answers. Types only.
import type { Plan } from "../../plan/types.ts";
import type { AttemptClass } from "../../state/events.ts";
import type { JournalWriter } from "../../state/journal.ts";
import type { State } from "../../state/reduce.ts";
import type { LocalEvent, Progress } from "./progress.ts";

export interface LocalOptions {
  readonly bundleDir: string;
  readonly root: string;
  readonly campaignDir: string;
  readonly plan: Pick<Plan, "table" | "action" | "batches">;
  /** As the plan saw it: earlier attempts count. */
  readonly state: State;
  /** The apply's own. */
  readonly journal: JournalWriter;
  readonly run: string;
  readonly workers: number;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** Absent: the Node that runs this. */
  readonly nodeBinary?: string;
  /** At most every 50 ms, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
  readonly onEvent?: (event: LocalEvent) => void;
  /** Begin nothing new; running jobs finish. */
  readonly drain?: AbortSignal;
  /** End running jobs too. */
  readonly stop?: AbortSignal;
}

export interface JobFailure {
  readonly key: string;
  readonly class: AttemptClass;
  readonly message: string;
  readonly attempts: number;
}

export interface LocalOutcome {
  readonly done: number;
  readonly failed: number;
  readonly blocked: number;
  /** Not begun, or ended before they were done, because of drain or stop. */
  readonly remaining: number;
  readonly cancelled: boolean;
  /** The first hundred. */
  readonly failures: readonly JobFailure[];
  /** Jobs that are done with gates of level warn that did not pass. */
  readonly warnings: number;
}
