// The log of one worker stream: jobs append to it by file descriptor, attempts remember their byte range. Not the journal.
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

const TAIL_LINES = 20;
const TAIL_BYTES = 4096;

export class WorkerLog {
  /** Relative to the campaign root. */
  readonly file: string;
  readonly fd: number;
  private readonly reader: number;

  constructor(root: string, name: string) {
    this.file = `logs/${name}.log`;
    mkdirSync(join(root, "logs"), { recursive: true });
    this.fd = openSync(join(root, this.file), "a");
    this.reader = openSync(join(root, this.file), "r");
  }

  position(): number {
    return fstatSync(this.fd).size;
  }

  /** Losing a log line to a full disk must not fail a job. */
  line(text: string): void {
    try {
      writeSync(this.fd, `${text}\n`);
    } catch {
      // nothing to tell it to
    }
  }

  /** Last lines of a byte range; undefined when nothing was written. */
  tail(from: number, to: number): string | undefined {
    const length = Math.min(to - from, TAIL_BYTES);
    if (length <= 0) return undefined;
    const bytes = Buffer.alloc(length);
    const read = readSync(this.reader, bytes, 0, length, to - length);
    const lines = bytes.toString("utf8", 0, read).trimEnd().split("\n");
    // The first line is cut where the range is longer than the tail.
    const whole = length < to - from && lines.length > 1 ? lines.slice(1) : lines;
    return whole.slice(-TAIL_LINES).join("\n");
  }

  close(): void {
    closeSync(this.fd);
    closeSync(this.reader);
  }
}
