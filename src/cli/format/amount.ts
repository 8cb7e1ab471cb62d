// Amounts a plan speaks of, for people: jobs, moments. Bytes and durations are in quantity.ts, hours in plan/amount.ts.
import { grouped } from "../../plan/grouped.ts";

export function jobs(number: number): string {
  return `${grouped(number)} ${number === 1 ? "job" : "jobs"}`;
}

/** Of "seconds.nanoseconds"; UTC, to the second. */
export function moment(mtime: string): string {
  return instant(Number(mtime.split(".")[0]) * 1000);
}

/** Of milliseconds since 1970. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
