// metadata/verify.ndjson: what a deep verification has read so far, so that one that was interrupted goes on where it was. A cache: losing
// it costs time. Not the journal: nothing in it changes what a plan says.
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { faultPoint } from "../state/fault.ts";
import type { Candidate } from "./candidates.ts";

const FILE = join("metadata", "verify.ndjson");
const VERSION = 1;

type Line =
  | { readonly type: "begun"; readonly version: number; readonly at: number; readonly selection: string }
  /** `a` attempt, `o` output, `s` bytes, `t` time, as they were seen; `d` sha256. A million lines: names are short. */
  | { readonly a: string; readonly o: string; readonly s: number; readonly t: string; readonly d: string }
  | { readonly type: "finished"; readonly at: number };

export interface DeepLog {
  /** When the verification that is gone on with was begun, ms since 1970; absent: this one begins. */
  readonly resumed?: number;
  /** Digest that was found of an output that is as it was then. */
  known(output: Candidate): string | undefined;
  add(output: Candidate, sha256: string): void;
  /** The next one begins anew. */
  finish(at: number): void;
  close(): void;
  /** Why nothing can be kept; absent: it is kept. */
  readonly lost?: string;
}

export interface LogOptions {
  /** The selection as typed: one of a part does not end one of the whole. */
  readonly selection: string;
  readonly restart: boolean;
  readonly now: number;
}

export function openDeepLog(root: string, { selection, restart, now }: LogOptions): DeepLog {
  const file = join(root, FILE);
  const past = restart ? undefined : readLog(file);
  const resumed = past && past.begun && past.finished === undefined ? past : undefined;
  const log = new Appender(file, resumed === undefined);
  if (!resumed) log.write({ type: "begun", version: VERSION, at: now, selection });
  const known = resumed?.digests ?? new Map<string, string>();
  return {
    ...(resumed ? { resumed: resumed.begun!.at } : {}),
    known: (output) => known.get(identity(output)),
    add({ attemptId: a, name: o, size: s, mtime: t }, sha256) {
      log.write({ a, o, s, t, d: sha256 });
      faultPoint("verify/hashed");
    },
    finish(at) {
      if (!resumed || resumed.begun!.selection === selection) log.write({ type: "finished", at });
    },
    close: () => log.close(),
    get lost() {
      return log.lost;
    },
  };
}

/** Digests that the last deep verification found, finished or not. */
export function lastDigests(root: string): (output: Candidate) => string | undefined {
  const digests = readLog(join(root, FILE))?.digests;
  return (output) => digests?.get(identity(output));
}

/** Size and time belong to it: what has been written since has to be read again. */
function identity({ attemptId, name, size, mtime }: Pick<Candidate, "attemptId" | "name" | "size" | "mtime">): string {
  return `${attemptId} ${name} ${size} ${mtime}`;
}

interface Past {
  begun?: Extract<Line, { type: "begun" }>;
  finished?: number;
  readonly digests: Map<string, string>;
}

/** Lines that cannot be read (torn by a kill) are passed over: their outputs are read again. Undefined: nothing can be read. */
function readLog(file: string): Past | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const past: Past = { digests: new Map() };
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    const line = end < 0 ? undefined : parse(bytes.toString("utf8", start, end));
    start = end < 0 ? bytes.length : end + 1;
    if (!line) continue;
    if ("d" in line)
      past.digests.set(identity({ attemptId: line.a, name: line.o, size: line.s, mtime: line.t }), line.d);
    else if (line.type === "begun" && line.version === VERSION) past.begun = line;
    else if (line.type === "finished") past.finished = line.at;
  }
  return past;
}

function parse(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line | null;
    const whole = line !== null && typeof line === "object" && ("type" in line || /^[0-9a-f]{64}$/.test(line.d));
    return whole ? line : undefined;
  } catch {
    return undefined;
  }
}

/** Appends whole lines; where that is not possible (read-only root, full disk) verifying goes on without. */
class Appender {
  lost: string | undefined;
  private fd: number | undefined;

  constructor(file: string, anew: boolean) {
    try {
      this.fd = openSync(file, "a+");
      if (anew) ftruncateSync(this.fd);
      // What a kill has torn off must not run into the next line.
      else if (fstatSync(this.fd).size > 0) writeSync(this.fd, "\n");
    } catch (error) {
      this.give(error);
    }
  }

  write(line: Line): void {
    if (this.fd === undefined) return;
    try {
      writeSync(this.fd, `${JSON.stringify(line)}\n`);
    } catch (error) {
      this.give(error);
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private give(error: unknown): void {
    this.lost = (error as Error).message;
    this.close();
  }
}
