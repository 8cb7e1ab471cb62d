// A job named on the command line: its row, or a diagnostic that says what is wrong with the key.
import type { JobTable } from "../expand/table.ts";
import { namedJobs } from "./selection/keys.ts";

/** Axes may be written in any order. Throws cli/unknown-job. */
export function requireJob(table: JobTable, key: string): number {
  return namedJobs(table, [{ key }]).rows[0]!;
}
