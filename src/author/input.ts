// Inputs of a stage: external files, and outputs of other stages. Declarations only; plan/ looks whether they are there.
import type { FanInElement } from "./context.ts";

export interface InputOptions<P = any> {
  /**
   * How a change is noticed: `stat` (size and modification time, default), `content` (sha256, reads the file), or by the version that is
   * declared here, `{ version: "DR2" }`: another version is a change, whatever size and time say. Another way of comparing reruns nothing.
   */
  readonly compare?: "stat" | "content" | DeclaredVersion<P>;
  /** An absent optional file does not block the job; the task finds the path in `inputs` but no file. */
  readonly optional?: boolean;
}

/** The release the data belong to; a function where it depends on the point. */
export interface DeclaredVersion<P = any> {
  readonly version: string | ((point: P) => string);
}

/** `Need`: what the point must have. `Value`: what the task finds at this port. */
export interface Input<Need, Value> {
  readonly kind: "file" | "files" | "edge";
  /** Never called; makes `Need` contravariant, so that a port is refused where the matrix lacks an axis. */
  readonly needs?: (point: Need) => void;
  readonly value?: Value;
}

export interface ExternalInput<Need, Value> extends Input<Need, Value> {
  readonly kind: "file" | "files";
  readonly path: (point: Need) => string | readonly string[];
  readonly options: InputOptions;
}

export interface EdgeInput<Need, Value> extends Input<Need, Value> {
  readonly kind: "edge";
  readonly from: { readonly stage: string; readonly output: string };
  readonly join: "each" | "all" | "quorum";
  readonly over: readonly string[];
  readonly fraction?: number;
}

/** One file a job that this campaign does not make. Relative paths are relative to the campaign file's folder. */
export function inputFile<P = Readonly<Record<never, never>>>(
  path: (point: P) => string,
  options: InputOptions<P> = {},
): ExternalInput<P, string> {
  return { kind: "file", path, options };
}

/** Several external files a job, in the order returned. */
export function inputFiles<P = Readonly<Record<never, never>>>(
  path: (point: P) => readonly string[],
  options: InputOptions<P> = {},
): ExternalInput<P, readonly string[]> {
  return { kind: "files", path, options };
}

/** An output of a stage as other stages may use it. `P` is the upstream point. */
export interface OutputHandle<P> {
  readonly stage: string;
  readonly output: string;
  /** Element-wise: the upstream job with the same values on its axes (the matrix here must have them all). */
  each(): EdgeInput<P, string>;
  /** Fan-in over the named axes: every upstream job that agrees on the others. */
  all<const A extends keyof P & string>(...over: readonly [A, ...A[]]): EdgeInput<Omit<P, A>, readonly FanInElement[]>;
  /** As `all`, satisfied by a share of the group (0 < fraction <= 1); the receipt records which were used. */
  quorum<const A extends keyof P & string>(
    fraction: number,
    ...over: readonly [A, ...A[]]
  ): EdgeInput<Omit<P, A>, readonly FanInElement[]>;
}

export function outputHandle<P>(stage: string, output: string): OutputHandle<P> {
  const from = { stage, output };
  return {
    stage,
    output,
    each: () => ({ kind: "edge", from, join: "each", over: [] }),
    all: (...over) => ({ kind: "edge", from, join: "all", over }),
    quorum: (fraction, ...over) => ({ kind: "edge", from, join: "quorum", over, fraction }),
  };
}
