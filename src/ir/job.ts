// One job as it travels to a worker: a line of a batch file. Everything a worker needs, nothing about where it runs.
import type { ResourcesIR } from "./stage.ts";
import type { Json, Scalar } from "./json.ts";

/** Digest of each recipe field, 32 hex digits (128 bit), and of all of them together. A reason names the field that moved. */
export interface Recipe {
  readonly params: string;
  readonly code: string;
  readonly inputs: string;
  readonly environment: string;
  readonly upstream: string;
  /** Digest of the five above. */
  readonly digest: string;
}

export const RECIPE_FIELDS = ["params", "code", "inputs", "environment", "upstream"] as const;
export type RecipeField = (typeof RECIPE_FIELDS)[number];

/** Where an input is, and its version where that is compared and depends on the point. External paths are absolute or relative to the campaign's folder; edge paths are relative to the campaign root. */
export type JobInput =
  | { readonly kind: "file"; readonly path: string; readonly version?: string }
  | { readonly kind: "files"; readonly paths: readonly string[]; readonly version?: string }
  /** `each`: exactly one element. `quorum`: the worker is told at dispatch which elements exist. */
  | { readonly kind: "edge"; readonly elements: readonly EdgeElement[] };

export interface EdgeElement {
  /** Key of the upstream job. */
  readonly key: string;
  readonly path: string;
  readonly point: Readonly<Record<string, Scalar>>;
}

export interface JobLine {
  readonly key: string;
  readonly stage: string;
  readonly point: Readonly<Record<string, Scalar>>;
  /** For a command: `{}` unless the campaign gives parameters for validators to echo. */
  readonly params: Json;
  readonly inputs: Readonly<Record<string, JobInput>>;
  /** Output name -> path relative to the campaign root. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Commands only: argument vector with placeholders (ir/placeholder.ts) for input and output paths. */
  readonly argv?: readonly string[];
  readonly recipe: Recipe;
  /** Where this job departs from its stage. */
  readonly resources?: ResourcesIR;
}
