// Who writes, or wrote, a journal: from its first and last line. Does not read what is between.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { EventOf } from "./events.ts";
import { decodeLine } from "./journal-line.ts";
import { isAlive, type ProcessId } from "./process-id.ts";

export interface WriterInfo extends ProcessId {
  readonly file: string;
  readonly writer: EventOf<"journal-opened">["writer"];
  readonly run: string;
  /** True: the writer said goodbye. False: it is at work, or it was killed. */
  readonly closed: boolean;
}

/** Longer than any first or last line: both are under 300 bytes, unless a host name is very long. */
const ENDS = 4096;

/** undefined: the file has no whole first line, so nothing was written yet but its name. */
export function readWriter(file: string): WriterInfo | undefined {
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(ENDS, size));
    const opened = decodeLine(bytes, 0, firstEnd(bytes, readSync(fd, bytes, 0, bytes.length, 0)));
    if (opened?.type !== "journal-opened") return undefined;
    const filled = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    const { writer, host, pid, processStart, run } = opened;
    return { file, writer, host, pid, processStart, run, closed: lastType(bytes, filled) === "journal-closed" };
  } finally {
    closeSync(fd);
  }
}

/** Writers that have not said goodbye and, as far as this host can tell, live. Those of other hosts count: nobody here can tell. */
export function liveWriters(writers: readonly WriterInfo[]): WriterInfo[] {
  return writers.filter((writer) => !writer.closed && isAlive(writer) !== false);
}

function firstEnd(bytes: Buffer, filled: number): number {
  const newline = bytes.indexOf("\n");
  return newline < 0 || newline > filled ? filled : newline;
}

function lastType(bytes: Buffer, filled: number): string | undefined {
  const end = bytes[filled - 1] === 10 ? filled - 1 : filled;
  return decodeLine(bytes, bytes.lastIndexOf("\n", end - 1) + 1, end)?.type;
}
