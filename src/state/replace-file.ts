// Replaces a file so that a reader, or a crash at any instant, sees the old content or the new, never a part.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { faultPoint } from "./fault.ts";
import { refuseWrite } from "./write-error.ts";

/** Durable on return: data before the rename, the folder's entry after it. */
export function replaceFile(file: string, data: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeDurably(temporary, data);
    faultPoint("file/written");
    renameSync(temporary, file);
    faultPoint("file/replaced");
    syncFolder(dirname(file));
  } catch (error) {
    discard(temporary);
    refuseWrite(error, file, "The previous file is untouched.");
  }
}

/** What cannot be removed must not hide why it could not be written. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // ENOTDIR, EROFS: it was never made.
  }
}

export function writeDurably(file: string, data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const fd = openSync(file, "w");
  try {
    // write(2) may take less than it was given, on a disk that is nearly full.
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A rename or a new file is durable only when its folder is. File systems that cannot sync folders refuse with EINVAL or EISDIR. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } catch {
    // Nothing better exists there.
  } finally {
    closeSync(fd);
  }
}
