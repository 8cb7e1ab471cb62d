// What executor and worker say to each other over stdin and stdout, one JSON a line. The journal is the truth; this only wakes the executor.
import type { JobRequest } from "../ir/task-line.ts";
import type { AttemptClass } from "../state/events.ts";
import type { GateFact } from "../state/receipt.ts";

export type { JobRequest };

/** drop: forget the requests not begun; answered by `dropped`. The running job goes on. */
export type Request = JobRequest | { readonly type: "drop" };

export interface Ready {
  readonly type: "ready";
  readonly pid: number;
  /** Absolute path of the worker's journal, for the executor to read should the worker die. */
  readonly journal: string;
}

export interface Started {
  readonly type: "started";
  readonly key: string;
  readonly attemptId: string;
}

export interface Finished {
  readonly type: "finished";
  readonly key: string;
  readonly attemptId: string;
  readonly class: AttemptClass;
  readonly message: string;
  readonly exit?: number;
  readonly signal?: string;
  readonly seconds: number;
  readonly peakMemory?: number;
  /** Gates of level warn that did not pass. */
  readonly warnings?: readonly GateFact[];
  /** True: the attempt could not be recorded (disk full ...), so the executor has to. */
  readonly unrecorded?: true;
  /** The disk is full or read-only: other jobs may fail alike. */
  readonly machine?: "state/disk-full" | "state/unwritable";
}

export interface Dropped {
  readonly type: "dropped";
  readonly count: number;
}

export type Answer = Ready | Started | Finished | Dropped;

/** Splits a byte stream into lines; keeps the torn rest for the next chunk. */
export class LineSplitter {
  private rest = "";

  push(chunk: string): string[] {
    const lines = (this.rest + chunk).split("\n");
    this.rest = lines.pop()!;
    return lines.filter((line) => line !== "");
  }
}
