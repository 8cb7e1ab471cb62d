// Amounts a plan speaks of, for people: jobs, core-hours, moments. Bytes and durations are in quantity.ts.
import { grouped } from "../../plan/grouped.ts";

export function jobs(number: number): string {
  return `${grouped(number)} ${number === 1 ? "job" : "jobs"}`;
}

/** Two digits are enough for an estimate. */
function rounded(value: number): string {
  if (value === 0) return "0";
  return value >= 10 ? grouped(Math.round(value)) : String(Number(value.toPrecision(2)));
}

export function coreTime(hours: number): string {
  if (hours >= 1 || hours === 0) return `${rounded(hours)} core-h`;
  return hours * 60 >= 1 ? `${rounded(hours * 60)} core-min` : `${rounded(hours * 3600)} core-s`;
}

/** Of "seconds.nanoseconds"; UTC, to the second. */
export function moment(mtime: string): string {
  return instant(Number(mtime.split(".")[0]) * 1000);
}

/** Of milliseconds since 1970. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
