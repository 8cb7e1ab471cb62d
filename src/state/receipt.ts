// Receipt: the proof that a job is done, the facts it is made of, and what was said of it later. Values; who wrote them and when is in the events.
import type { Recipe, RecipeField } from "../ir/job.ts";
import type { Json } from "../ir/json.ts";

/** A file as it was seen: bytes, and modification time in nanoseconds since 1970 as decimal text "seconds.nanoseconds". */
export interface FileFact {
  readonly path: string;
  readonly size: number;
  readonly mtime: string;
  /** Only where the campaign compares by content or asks for digests. */
  readonly sha256?: string;
  /** Only of inputs that are compared by it: as the campaign declared it. */
  readonly version?: string;
}

/** For `dir` outputs: size is the sum and mtime the latest of the files inside; `files` is their number. */
export interface OutputFact extends FileFact {
  readonly name: string;
  readonly files?: number;
}

export interface MetricFact {
  readonly name: string;
  /** Non-finite numbers travel as "NaN", "Infinity", "-Infinity". */
  readonly value: number | "NaN" | "Infinity" | "-Infinity";
  readonly unit?: string;
  readonly detail?: Json;
}

export interface GateFact {
  readonly name: string;
  readonly metric: string;
  readonly level: "fail" | "warn";
  readonly passed: boolean;
  /** One line: value against threshold. */
  readonly message: string;
}

/** One validator's word on one output. */
export interface CheckFact {
  readonly output: string;
  /** `hdf5/dtype`, `hdf5/shape`, `hdf5/echo`, `size/min`, `json/schema`, `command` ... */
  readonly check: string;
  readonly passed: boolean;
  readonly message: string;
}

/** The proof that a job is done: what was asked, what came out. How it went is in the attempt that carries it. */
export interface Receipt {
  readonly recipe: Recipe;
  /** What was asked, in words: later plans show `params.seed: 17 -> 18`. For commands `argv` is part of it. */
  readonly params: Json;
  readonly argv?: readonly string[];
  readonly inputs: readonly FileFact[];
  /** Keys of the upstream jobs that were used, of stages with a quorum. */
  readonly upstreamUsed?: readonly string[];
  /** With them: which outputs were taken, by port (ir/edges.ts). */
  readonly upstreamFrom?: readonly string[];
  readonly outputs: readonly OutputFact[];
  readonly metrics: readonly MetricFact[];
  readonly gates: readonly GateFact[];
  /** Failed checks never reach a receipt; passed ones are counted. */
  readonly checksPassed: number;
  /** Version of the Node that ran the task; absent of commands. */
  readonly node?: string;
  /** True: outputs were found and validated, not made. */
  readonly adopted?: true;
  /** The result was made under another key, or at other paths: that of this attempt. Its outputs were renamed. */
  readonly moved?: { readonly key: string; readonly attemptId: string };
  /** Further digests of recipe fields that this result counts for: what it is asked under its new name. */
  readonly stands?: RecipeFields;
}

export type RecipeFields = Readonly<Partial<Record<RecipeField, string>>>;

/** A person's word on one result: these changes do not matter for it. The receipt keeps its own fingerprint. */
export interface Waiver {
  readonly key: string;
  /** Of the attempt that made the result; a later result needs no waiver. */
  readonly attemptId: string;
  /** Digests that the recipe of now has and the receipt has not. */
  readonly fields: RecipeFields;
  /** Input files as they are now, where size, time, content or version differ from the receipt's. */
  readonly inputs?: readonly FileFact[];
  /** The Node that the stage declared then, where the receipt has another. */
  readonly node?: string;
}

/** An output that is not what its receipt says. `content`: another sha256; `invalid`: a validator refuses it. */
export interface OutputFinding {
  readonly name: string;
  readonly path: string;
  readonly what: "content" | "invalid";
  /** Recorded digest. */
  readonly old?: string;
  /** Digest that was found; of `invalid`, what the validator said. */
  readonly new?: string;
}
