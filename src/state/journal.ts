// JournalWriter: appends events to a file of its own, one write(2) an event. It never reads, and never touches another writer's file.
import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError } from "../diagnostics/diagnostic.ts";
import { EVENT_VERSION, type Event, type EventOf } from "./events.ts";
import { faultPoint } from "./fault.ts";
import { encodeLine } from "./journal-line.ts";
import { thisProcess } from "./process-id.ts";
import { syncFolder } from "./replace-file.ts";
import { errno, refuseWrite } from "./write-error.ts";

export interface JournalOptions {
  readonly writer: EventOf<"journal-opened">["writer"];
  readonly run: string;
  /** Tells the files of one process apart, and people what they are: `w0`. */
  readonly name?: string;
  /** Makes durable what the events speak of; called before they are. */
  readonly beforeSync?: () => void;
}

export interface JournalWriter {
  readonly file: string;
  /** In the page cache on return: it survives the death of this process. Durable within SYNC_EVERY ms. */
  append(event: Event): void;
  /** Durable on return: survives a power cut. */
  sync(): void;
  /** Says goodbye and syncs. A second close does nothing. */
  close(): void;
}

/** An fdatasync costs 0.7 ms (building-blocks section 5), an append 10 us: receipts share one. */
export const SYNC_EVERY = 100;

export function openJournal(root: string, options: JournalOptions): JournalWriter {
  const folder = join(root, "journal");
  const self = thisProcess();
  const { file, fd } = createFile(folder, [options.writer, self.host, self.pid, self.processStart, options.name]);
  faultPoint("journal/created");
  const journal = new Journal(file, fd, options.beforeSync);
  const { writer, run } = options;
  try {
    journal.append({ type: "journal-opened", at: Date.now(), version: EVENT_VERSION, writer, ...self, run });
    faultPoint("journal/opened");
    syncFolder(folder);
  } catch (error) {
    closeSync(fd);
    rmSync(file, { force: true });
    throw error;
  }
  return journal;
}

/** O_EXCL keeps one writer a file, also where a process opens two journals of one name. */
function createFile(folder: string, parts: readonly (string | number | undefined)[]): { file: string; fd: number } {
  const name = parts.filter((part) => part !== undefined).join("-").replace(/[^A-Za-z0-9._-]/g, "_"); // prettier-ignore
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    refuseWrite(error, folder);
  }
  for (let copy = 1; ; copy++) {
    const file = join(folder, copy === 1 ? `${name}.ndjson` : `${name}-${copy}.ndjson`);
    try {
      return { file, fd: openSync(file, "ax") };
    } catch (error) {
      if (errno(error) !== "EEXIST") refuseWrite(error, file);
    }
  }
}

class Journal implements JournalWriter {
  private size = 0;
  private torn = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private syncError: unknown;

  constructor(
    readonly file: string,
    private readonly fd: number,
    private readonly beforeSync: (() => void) | undefined,
  ) {}

  append(event: Event): void {
    if (this.closed) throw new Error(`append of ${event.type} to a closed journal: ${this.file}`);
    this.raiseSyncError();
    this.put(event);
  }

  sync(): void {
    this.raiseSyncError();
    if (this.closed || this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      this.beforeSync?.();
      fdatasyncSync(this.fd);
    } catch (error) {
      refuseWrite(error, this.file, "The last events may not survive a power cut.");
    }
  }

  close(): void {
    if (this.closed) return;
    try {
      this.sayGoodbye();
      this.sync();
    } finally {
      this.closed = true;
      clearTimeout(this.timer);
      closeSync(this.fd);
    }
  }

  private put(event: Event): void {
    const line = encodeLine(event);
    this.write(Buffer.from(this.torn ? `\n${line}` : line));
    this.timer ??= setTimeout(() => this.syncLater(), SYNC_EVERY).unref();
  }

  /** A goodbye that finds no room is no loss: readers ask the kernel whether a writer lives. */
  private sayGoodbye(): void {
    try {
      this.put({ type: "journal-closed", at: Date.now() });
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
    }
  }

  /** All of it or nothing: a disk that fills up in the middle of a line gets the line's beginning taken back. */
  private write(bytes: Buffer): void {
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.fd, bytes, done, bytes.length - done);
    } catch (error) {
      if (done > 0) this.takeBack();
      refuseWrite(error, this.file, "The event was not recorded; everything before it was.");
    }
    this.size += bytes.length;
    this.torn = false;
  }

  /** Where even that fails, the next event starts on a line of its own and readers report the torn one. */
  private takeBack(): void {
    try {
      ftruncateSync(this.fd, this.size);
    } catch {
      this.torn = true;
    }
  }

  private syncLater(): void {
    try {
      this.sync();
    } catch (error) {
      this.syncError = error;
    }
  }

  private raiseSyncError(): void {
    const error = this.syncError;
    this.syncError = undefined;
    if (error !== undefined) throw error;
  }
}
