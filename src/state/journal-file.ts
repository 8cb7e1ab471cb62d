// Reads one journal file in large pieces. Knows lines and their checksums; what events mean is the reducer's business.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fail } from "../diagnostics/diagnostic.ts";
import { EVENT_VERSION, type Event } from "./events.ts";
import { decodeLine } from "./journal-line.ts";
import type { StringPool } from "./string-pool.ts";

/** 24 MB in pieces of this size read as fast as in one, and a million receipts (600 MB) need not fit in memory. */
const PIECE = 4 << 20;
const NEWLINE = 10;

/**
 * Events in the order they were written. A last line without its newline was torn by a crash, or is being written now: it is used
 * if its checksum proves it whole and passed over otherwise. Any other bad line is reported with its number, and the rest is used.
 */
export function* eventsIn(file: string, pool: StringPool, corrupt: (line: number) => void): Generator<Event> {
  const fd = openSync(file, "r");
  try {
    let buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(4096, fstatSync(fd).size + 1)));
    let kept = 0;
    let line = 0;
    for (;;) {
      const read = readSync(fd, buffer, kept, buffer.length - kept, null);
      const filled = kept + read;
      let start = 0;
      for (let end = buffer.indexOf(NEWLINE); end >= 0 && end < filled; end = buffer.indexOf(NEWLINE, start)) {
        line += 1;
        const event = decodeLine(buffer, start, end, pool);
        start = end + 1;
        if (event) yield known(event, file);
        else corrupt(line);
      }
      if (read === 0) {
        const event = decodeLine(buffer, start, filled, pool);
        if (event) yield known(event, file);
        return;
      }
      buffer.copy(buffer, 0, start, filled);
      kept = filled - start;
      if (kept === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    }
  } finally {
    closeSync(fd);
  }
}

/** A fold that skipped what it cannot understand would start finished jobs again: a newer journal is refused whole. */
function known(event: Event, file: string): Event {
  const version = event.type === "journal-opened" ? (event.version as number) : EVENT_VERSION;
  if (version <= EVENT_VERSION) return event;
  return fail({
    code: "state/journal-version",
    message: `${file} has version ${version}; this cmc reads up to ${EVENT_VERSION}`,
  });
}
