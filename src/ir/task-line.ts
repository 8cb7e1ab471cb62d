// What an array task or a pool worker is given: one line of a task file. Data that travels to a cluster; who wrote it and when is in the journal.
import type { ResourcesIR } from "./stage.ts";

export interface JobRequest {
  /** adopt: validate what is published already and write a receipt for it; nothing is run. */
  readonly type: "run" | "adopt";
  readonly batch: string;
  /** Line of the batch file, from 0. */
  readonly line: number;
  readonly attempt: number;
  /** Replaces the job's own field by field (escalation). */
  readonly resources?: ResourcesIR;
  /** Upstream keys that have no receipt (quorum): their elements are left out. */
  readonly omit?: readonly string[];
}

/** Chosen job by job. The key is for readers that have no bundle at hand. */
export interface TaskJob extends JobRequest {
  readonly key: string;
  /** An earlier try of it has failed: if this one does, the job is to blame and not what it shares with others. */
  readonly failedBefore?: true;
}

export type TaskLine =
  | { readonly jobs: readonly TaskJob[] }
  /** Lines [from, to) of a batch, each with its next attempt number: what a bundle says before it has met any state. */
  | { readonly batch: string; readonly from: number; readonly to: number };
