// Messages between the worker and its thread. Structured clone, not JSON: values stay as they are.
import type { InputValue } from "../author/context.ts";
import type { Hdf5ChecksIR } from "../ir/stage.ts";
import type { Json, Scalar } from "../ir/json.ts";
import type { Phase } from "../state/events.ts";
import type { CheckFact, MetricFact } from "../state/receipt.ts";

export interface ThreadData {
  readonly logFd: number;
}

export interface TaskOrder {
  readonly type: "task";
  /** URL of the stage's module. */
  readonly module: string;
  readonly key: string;
  readonly point: Readonly<Record<string, Scalar>>;
  readonly params: Json;
  readonly inputs: Readonly<Record<string, InputValue>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly attempt: number;
}

/** One content check of one output. */
export type ContentCheck =
  | {
      readonly kind: "hdf5";
      readonly output: string;
      readonly path: string;
      readonly checks: Hdf5ChecksIR;
      readonly point: Readonly<Record<string, Scalar>>;
      readonly params: Json;
    }
  | { readonly kind: "json"; readonly output: string; readonly path: string; readonly schema?: Json };

export interface CheckOrder {
  readonly type: "check";
  readonly checks: readonly ContentCheck[];
}

/** sha256 of outputs: hashing gigabytes in the main thread would keep it from its signals and leases. */
export interface DigestOrder {
  readonly type: "digest";
  readonly outputs: readonly { readonly path: string; readonly folder: boolean }[];
}

export type Order = TaskOrder | CheckOrder | DigestOrder;

export type Reply =
  | { readonly type: "done"; readonly metrics: readonly MetricFact[]; readonly phases: readonly Phase[] }
  | { readonly type: "checked"; readonly facts: readonly CheckFact[] }
  /** In the order asked for. */
  | { readonly type: "digested"; readonly digests: readonly string[] }
  /** The task threw, or a checker could not be loaded. */
  | { readonly type: "threw"; readonly message: string; readonly code?: string };
