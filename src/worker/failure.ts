// How an attempt fails: a class and a sentence. Thrown inside an attempt, caught once by attempt.ts; faults of the worker itself are other errors.
import { statfsSync } from "node:fs";
import { DiagnosticError } from "../diagnostics/diagnostic.ts";
import type { AttemptClass } from "../state/events.ts";
import type { CheckFact, GateFact } from "../state/receipt.ts";

export interface FailureFacts {
  readonly exit?: number;
  readonly signal?: string;
  readonly checks?: readonly CheckFact[];
  readonly gates?: readonly GateFact[];
}

/** Faults of the machine: when several jobs in a row meet one, the executor stops instead of burning attempts. */
export type MachineFault = "state/disk-full" | "state/unwritable";

export class AttemptFailure extends Error {
  constructor(
    readonly attemptClass: Exclude<AttemptClass, "ok">,
    message: string,
    readonly facts: FailureFacts = {},
    readonly machine?: MachineFault,
  ) {
    super(message);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device (state/disk-full): free space and run again, finished jobs are kept",
  EDQUOT: "disk quota exceeded (state/disk-full): free space and run again, finished jobs are kept",
  EACCES: "permission denied (state/unwritable)",
  EPERM: "not permitted (state/unwritable)",
  EROFS: "the file system is read-only (state/unwritable)",
  EXDEV:
    "the output lies on another file system than the campaign's staging folder, so it cannot be published by rename",
  ENOTDIR: "a file stands where a folder is needed",
  EMFILE: "too many open files",
};

/** An error of the file system at a named step of the attempt. */
export function ioFailure(step: string, error: unknown): AttemptFailure {
  if (error instanceof AttemptFailure) return error;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const hint = code === undefined ? undefined : HINTS[code];
  const where = path === undefined ? "" : `${path}: `;
  return new AttemptFailure("exit", `${step}: ${hint === undefined ? message : where + hint}`, {}, machineFault(code));
}

/** Less than this free counts as full. */
const FULL_BYTES = 64 * 1024;

/** A job that died of a full disk often cannot even say so: its log lies on the same disk. Asked before staging is cleared. */
export function withDiskFull(failure: AttemptFailure, folder: string): AttemptFailure {
  if (failure.machine !== undefined || (failure.attemptClass !== "exit" && failure.attemptClass !== "signal"))
    return failure;
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize >= FULL_BYTES) return failure;
  } catch {
    return failure;
  }
  return new AttemptFailure(
    failure.attemptClass,
    `${failure.message}; ${HINTS["ENOSPC"]}`,
    failure.facts,
    "state/disk-full",
  );
}

export function machineFault(code: string | undefined): MachineFault | undefined {
  if (code === "ENOSPC" || code === "EDQUOT") return "state/disk-full";
  return code === "EROFS" ? "state/unwritable" : undefined;
}

/** Of a journal that refused an event. */
export function faultOfRecording(error: unknown): MachineFault | undefined {
  const code = error instanceof DiagnosticError ? error.diagnostics[0]?.code : undefined;
  return code === "state/disk-full" || code === "state/unwritable" ? code : undefined;
}

/** Runs a step of the attempt; what the file system throws becomes a classified failure naming the step. */
export function step<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ioFailure(name, error);
  }
}
