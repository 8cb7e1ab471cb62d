// One line of a journal: an event as JSON whose last member is the crc32 of the bytes before it. Encoding and decoding, no files.
import { crc32 } from "node:zlib";
import type { Event } from "./events.ts";
import type { StringPool } from "./string-pool.ts";

/** `,"crc":"0a1b2c3d"}` */
const SEAL_LENGTH = 18;

function seal(crc: number): string {
  return `,"crc":"${crc.toString(16).padStart(8, "0")}"}`;
}

const OPEN = Buffer.from(',"crc":"');
const DIGITS = Buffer.from("0123456789abcdef");
const CLOSE = Buffer.from('"}');

/** Whether `seal(crc)` stands at `at`. Byte by byte: to write a number as text takes 20 times as long, and there are millions. */
function isSealed(bytes: Buffer, at: number, crc: number): boolean {
  for (let i = 0; i < 8; i++) if (bytes[at + i] !== OPEN[i]) return false;
  for (let i = 0; i < 8; i++) if (bytes[at + 8 + i] !== DIGITS[(crc >>> (28 - 4 * i)) & 15]) return false;
  return bytes[at + 16] === CLOSE[0] && bytes[at + 17] === CLOSE[1];
}

/** With its newline. */
export function encodeLine(event: Event): string {
  const open = JSON.stringify(event).slice(0, -1);
  return `${open}${seal(crc32(open))}\n`;
}

/** The line in bytes[start, end), without newline. undefined: it is not what a writer wrote. Unknown types come back as they are. */
export function decodeLine(bytes: Buffer, start: number, end: number, pool?: StringPool): Event | undefined {
  const sealed = end - SEAL_LENGTH;
  if (sealed <= start) return undefined;
  if (!isSealed(bytes, sealed, crc32(bytes.subarray(start, sealed)))) return undefined;
  let event: Event;
  try {
    event = JSON.parse(`${bytes.toString("utf8", start, sealed)}}`) as Event;
  } catch {
    return undefined;
  }
  if (!isWellFormed(event)) return undefined;
  return pool ? pool.intern(event) : event;
}

type Kind = "string" | "number" | "object";

/** Members the reducer reads without asking; others may come and go within a version. */
const REQUIRED: { readonly [T in Event["type"]]: Readonly<Record<string, Kind>> } = {
  "journal-opened": {
    version: "number",
    writer: "string",
    host: "string",
    pid: "number",
    processStart: "string",
    run: "string",
  },
  "apply-started": { run: "string" },
  "apply-finished": { run: "string", outcome: "string" },
  "attempt-started": { key: "string", attempt: "number", attemptId: "string" },
  "attempt-finished": { key: "string", attempt: "number", attemptId: "string", class: "string", phases: "object" },
  "submission-intended": { token: "string", run: "string", array: "string", mode: "string" },
  "submission-answered": { token: "string", jobId: "number" },
  "submission-refused": { token: "string", kind: "string" },
  "submission-cancelled": { token: "string" },
  "submission-over": { token: "string" },
  "jobs-held": { keys: "object", reason: "string" },
  alert: { code: "string", message: "string" },
  "retry-requested": { keys: "object" },
  "block-requested": { keys: "object", user: "string" },
  "release-requested": { keys: "object", user: "string" },
  "forget-requested": { keys: "object", attempts: "object", user: "string" },
  "adoption-requested": { keys: "object", user: "string" },
  "cancel-requested": { run: "string" },
  "jobs-forgotten": { keys: "object" },
  "changes-accepted": { waivers: "object" },
  "results-verified": { user: "string", results: "object" },
  "digests-recorded": { user: "string", results: "object" },
  "ramp-released": { jobs: "number" },
  "journal-closed": {},
};
const MEMBERS = new Map(Object.entries(REQUIRED).map(([type, members]) => [type, Object.entries(members)]));

function isWellFormed(event: Event): boolean {
  const record = event as unknown as Readonly<Record<string, unknown>>;
  if (typeof record["type"] !== "string" || typeof record["at"] !== "number") return false;
  const members = MEMBERS.get(record["type"]);
  return !members || members.every(([name, kind]) => typeof record[name] === kind && record[name] !== null);
}
