// Events: what happened, in the past tense, versioned. The journal is made of them; state changes in no other way.
import type { Json } from "../ir/json.ts";
import type { ApplyFacts } from "./apply-facts.ts";
import type { CheckFact, GateFact, MetricFact, OutputFinding, Receipt, Waiver } from "./receipt.ts";

export const EVENT_VERSION = 1;

/** How an attempt ended. */
export type AttemptClass =
  | "ok"
  | "exit"
  | "signal"
  | "oom"
  | "timeout"
  | "validation"
  | "missing-input"
  | "cancelled"
  /** It has written a checkpoint and goes on from there; costs no attempt. */
  | "checkpoint"
  /** Its worker disappeared; costs no attempt. */
  | "lost";

export const ATTEMPT_CLASSES: readonly AttemptClass[] = [
  "ok", "exit", "signal", "oom", "timeout", "validation", "missing-input", "cancelled", "checkpoint", "lost",
]; // prettier-ignore

export interface Phase {
  readonly name: string;
  readonly seconds: number;
}

/** What a stage was made of in a run. */
export interface StageRecord {
  readonly entry: string;
  readonly sources: Readonly<Record<string, string>>;
  /** Declared facts. Absent: none. */
  readonly environment?: Readonly<Record<string, Json>>;
  /** Commands: declared variables. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Base {
  /** Milliseconds since 1970 by the writer's clock: for people; order within a file is by position. */
  readonly at: number;
}

export type Event = Base &
  (
    | {
        readonly type: "journal-opened";
        readonly version: typeof EVENT_VERSION;
        readonly writer: "apply" | "worker" | "verb" | "tick";
        readonly host: string;
        readonly pid: number;
        /** Start time of the process as the kernel counts it (field 22 of /proc/PID/stat); with pid it names a process for ever. */
        readonly processStart: string;
        /** The run (one `apply`) this writer belongs to. */
        readonly run: string;
      }
    | {
        readonly type: "apply-started";
        readonly run: string;
        readonly user: string;
        readonly host: string;
        readonly bundle: string;
        readonly campaignDigest: string;
        readonly jobs: number;
        readonly toolVersion: string;
        /** The saved plan that was applied: the id of its file. Absent: it was planned then and there. */
        readonly plan?: string;
        /** Code and environment of each stage as applied, so that a later plan can say which file or fact changed. */
        readonly code: Readonly<Record<string, StageRecord>>;
        /** Absent: an earlier cmc wrote it. */
        readonly facts?: ApplyFacts;
      }
    | {
        readonly type: "apply-finished";
        readonly run: string;
        readonly outcome: "done" | "failures" | "cancelled" | "error";
        /** Of the jobs it set out to run: with a result, and finally without. Absent: nobody counted. */
        readonly done?: number;
        readonly failed?: number;
      }
    | {
        readonly type: "attempt-started";
        readonly key: string;
        /** 1 for the first try that counts. */
        readonly attempt: number;
        /** Unique for ever; also in the child's environment as CMC_ATTEMPT_ID and in the name of its staging directory. */
        readonly attemptId: string;
        readonly recipe: string;
        readonly host: string;
        readonly pid: number;
        readonly batch: string;
        /** Nodes it has, or its share of one. Absent: one. */
        readonly nodes?: number;
        /** Log file relative to the campaign root, and where in it this attempt begins. */
        readonly log?: { readonly file: string; readonly from: number };
      }
    | {
        readonly type: "attempt-finished";
        readonly key: string;
        readonly attempt: number;
        readonly attemptId: string;
        readonly class: AttemptClass;
        readonly exit?: number;
        readonly signal?: string;
        /** One line for people: what happened. */
        readonly message: string;
        readonly phases: readonly Phase[];
        /** Peak resident bytes where it was seen. */
        readonly peakMemory?: number;
        /** Last lines of the job's log, failures only. */
        readonly logTail?: string;
        /** Log file relative to the campaign root, and the byte range of this attempt in it. */
        readonly log?: { readonly file: string; readonly from: number; readonly to: number };
        /** Fault of the machine, not of the job: a full or read-only disk. Such an attempt does not count against the job's tries. */
        readonly machine?: "state/disk-full" | "state/unwritable";
        /** True: it looked at files that were there and found them wanting. The job itself was not tried: it costs no attempt. */
        readonly adopting?: true;
        /** How the scheduler says that its task ended; only where that is why this was written. */
        readonly scheduler?: string;
        /** Failed checks and gates, failures only. */
        readonly checks?: readonly CheckFact[];
        readonly gates?: readonly GateFact[];
        readonly metrics?: readonly MetricFact[];
        /** Present exactly when class is `ok`. */
        readonly receipt?: Receipt;
      }
    /** Written and on disk before a scheduler is asked: its jobs are nobody else's until this is settled. */
    | {
        readonly type: "submission-intended";
        /** Unique for ever. The SLURM job's name, of `submissions/<token>.tasks` and of the folder in claims/. */
        readonly token: string;
        readonly run: string;
        /** Of the bundle's array or pool. */
        readonly array: string;
        readonly mode: "array" | "pool";
        readonly lane?: string;
        readonly tasks: number;
        readonly jobs: number;
      }
    | { readonly type: "submission-answered"; readonly token: string; readonly jobId: number }
    /** The scheduler said no, or never heard of it: it will not run. */
    | {
        readonly type: "submission-refused";
        readonly token: string;
        readonly kind: "wait" | "budget" | "configuration" | "unreachable" | "lost";
        readonly message: string;
      }
    /** A person had these array tasks taken out of the queue, by cmc. Absent tasks: all. What becomes of their jobs is said elsewhere. */
    | { readonly type: "submission-cancelled"; readonly token: string; readonly tasks?: readonly number[] }
    /** None of its tasks will run any more. */
    | { readonly type: "submission-over"; readonly token: string }
    /** Not to be submitted until a person says `release` or `retry`. */
    | {
        readonly type: "jobs-held";
        readonly keys: readonly string[];
        readonly reason: string;
        /** Who had them held by `cancel`, and the reason they gave. Absent: a tick did; none. */
        readonly user?: string;
        readonly because?: string;
        /** What explains it, relative to the campaign root. */
        readonly log?: string;
      }
    /** What a tick wants people to know; not repeated while it holds. */
    | { readonly type: "alert"; readonly code: string; readonly message: string }
    /** A person's word on jobs; `reason` is theirs. retry: forget failed attempts and try again. */
    | {
        readonly type: "retry-requested";
        readonly keys: readonly string[];
        readonly user: string;
        readonly reason: string;
        /** Per key, the highest attempt number that was known: those up to it are forgotten. Absent: those that ended before `at`. */
        readonly through?: readonly number[];
      }
    /** Not to be run until a person says `release`, whatever the plan would do with them. */
    | {
        readonly type: "block-requested";
        readonly keys: readonly string[];
        readonly user: string;
        readonly reason: string;
      }
    /** Takes back blocks and holds; failures still count. */
    | {
        readonly type: "release-requested";
        readonly keys: readonly string[];
        readonly user: string;
        readonly reason: string;
      }
    /** Results that count no longer. The attempts stay history, and the files where they are. */
    | {
        readonly type: "forget-requested";
        readonly keys: readonly string[];
        /** Of each key, the ids of the attempts that are meant: a later one counts again. */
        readonly attempts: readonly (readonly string[])[];
        readonly user: string;
        readonly reason: string;
      }
    /** A person opened the step of the ramp after this one: number and size of the step that is passed by it. */
    | {
        readonly type: "ramp-released";
        readonly step: number;
        readonly jobs: number;
        readonly user: string;
        readonly reason: string;
      }
    /** Files that lie at the declared places of these jobs, or were brought there, are to be results once their validators pass. */
    | {
        readonly type: "adoption-requested";
        readonly keys: readonly string[];
        readonly user: string;
        readonly reason: string;
        /** Where files were brought from. Absent: they lay where they belong. */
        readonly from?: readonly { readonly output: string; readonly pattern: string }[];
        readonly how?: "link" | "copy" | "move";
      }
    | {
        readonly type: "changes-accepted";
        readonly user: string;
        readonly reason: string;
        readonly waivers: readonly Waiver[];
      }
    | {
        readonly type: "cancel-requested";
        readonly run: string;
        readonly user: string;
        readonly reason: string;
        /** So many of its jobs. Absent: the whole run. */
        readonly jobs?: number;
      }
    /** Jobs that left the campaign; their files stay. */
    | { readonly type: "jobs-forgotten"; readonly keys: readonly string[]; readonly run: string }
    /** A person had results compared with their receipts and wrote down what a listing does not show. */
    | {
        readonly type: "results-verified";
        readonly user: string;
        readonly results: readonly {
          readonly key: string;
          /** Of the receipt that is spoken of: a later one is not doubted. */
          readonly attemptId: string;
          /** Empty: nothing is doubted, or no longer. */
          readonly outputs: readonly OutputFinding[];
          /** Outputs that have the content recorded and another time than the receipt says (restored from a copy): the time they have. */
          readonly times?: readonly { readonly name: string; readonly mtime: string }[];
        }[];
      }
    /** Content of outputs whose receipts have no digest, as it was found: trust on first use. `reason` is the person's. */
    | {
        readonly type: "digests-recorded";
        readonly user: string;
        readonly reason: string;
        readonly results: readonly {
          readonly key: string;
          readonly attemptId: string;
          readonly outputs: readonly { readonly name: string; readonly sha256: string }[];
        }[];
      }
    | { readonly type: "journal-closed" }
  );

export type EventOf<T extends Event["type"]> = Extract<Event, { type: T }>;
