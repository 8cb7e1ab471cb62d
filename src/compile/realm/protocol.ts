// What crosses the border between host and realm: JSON text, in these shapes. Types only.
import type { Json, Scalar } from "../../ir/json.ts";
import type { ListingRequest } from "../../author/listing.ts";
import type { VariableDeclaration } from "../../author/variable.ts";

/** Something went wrong inside the realm; positions are in `stack`. */
export interface Problem {
  readonly problem: {
    readonly name: string;
    readonly message: string;
    readonly stack: string;
    /** Set when it was our own refusal. */
    readonly code?: string;
    readonly remedy?: string;
    readonly at?: readonly string[];
    /** Set when a folder must be listed first. */
    readonly listing?: ListingRequest;
    readonly stage?: number;
    /** Row within the stage, where a function of the point failed. */
    readonly row?: number;
  };
}

export interface Taken {
  readonly name: string;
  readonly type: VariableDeclaration["type"];
  readonly value: Json;
}

/** Plain data of a definition; what is not plain is `{ "$": "function" }` and the like. */
export type Encoded = Json;

export interface DescribedDimension {
  readonly axes: readonly { readonly name: string; readonly unit?: string; readonly values: readonly Scalar[] }[];
  readonly count: number;
  /** Per axis, index into its values of each point. */
  readonly indexes: readonly (readonly number[])[];
}

export interface DescribedStage {
  readonly identity: Encoded;
  readonly dimensions: readonly DescribedDimension[];
  /** Declared ports, outputs and execution; functions encoded. */
  readonly data: Encoded;
  readonly execution: Encoded;
  readonly stack: string;
}

export interface Description {
  readonly stages: readonly DescribedStage[];
  readonly variables: readonly (VariableDeclaration & { readonly stack: string })[];
  readonly taken: readonly Taken[];
  readonly listings: readonly (ListingRequest & { readonly stack: string })[];
  readonly moved: readonly { readonly move: Encoded; readonly stack: string }[];
  /** Absent: the module's default export is no campaign. */
  readonly campaign?: { readonly definition: Encoded; readonly stack: string };
  /** Names of the campaign's listed stages, and their place among `stages`; -1 for something that is no stage. */
  readonly listed: readonly number[];
}

/** Columns of some rows of a stage; values of a column are joined by newlines. */
export interface Chunk {
  /** Absent where every job has the same: see `constantParams`. */
  readonly params?: string;
  readonly constantParams?: string;
  readonly outputs: readonly string[];
  /** Per external port, in the order declared; "" for edges. */
  readonly paths: readonly string[];
  /** Per external port, in the order declared; "" where the version does not depend on the point. */
  readonly versions: readonly string[];
  readonly argv?: string;
  readonly resources?: string;
}
