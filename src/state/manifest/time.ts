// Milliseconds since 1970 as the text SQLite's date functions read: UTC, to the millisecond. Not for people's eyes.
import type { SqlValue } from "./database.ts";

let second = Number.NaN;
let text = "";

/** Date.toISOString was 8 % of a manifest's time; neighbouring attempts share their second. */
export function time(at: number | undefined): SqlValue {
  if (at === undefined) return null;
  const now = Math.floor(at / 1000);
  if (now !== second) {
    text = new Date(now * 1000).toISOString().slice(0, 20);
    second = now;
  }
  return `${text}${String(Math.floor(at - now * 1000)).padStart(3, "0")}Z`;
}
