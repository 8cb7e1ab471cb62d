// What a failed write means to a user: which diagnostic an errno becomes. Faults of ours are rethrown as they are.
import { fail } from "../diagnostics/diagnostic.ts";

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is not a folder",
  EEXIST: "a file is in its place",
};

export function errno(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Throws the diagnostic for a failed write of `path`; `left` says what is on disk now. */
export function refuseWrite(error: unknown, path: string, left?: string): never {
  const code = errno(error);
  if (code === "ENOSPC")
    fail({ code: "state/disk-full", message: `No space left on the device while writing ${path}`, left });
  const why = code === undefined ? undefined : UNWRITABLE[code];
  if (why !== undefined) fail({ code: "state/unwritable", message: `Cannot write ${path}: ${why}`, left });
  throw error;
}
