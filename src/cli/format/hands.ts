// In whose hands a job of a run in progress is, in one line. Pure.
import type { ClusterJob } from "../../apply/cluster-jobs.ts";
import { standingText } from "./cluster-status.ts";
import { instant } from "./amount.ts";
import { duration } from "./quantity.ts";

/** `queued in SLURM job 12, task 3 (submission mock-...): Priority`. */
export function handsText({ standing, reason, until, by, place }: ClusterJob, now?: number): string {
  const where =
    place === undefined
      ? ""
      : place.kind === "pack"
        ? ` in pool ${place.pool}`
        : ` in ${place.jobId === undefined ? "no SLURM job that is known" : `SLURM job ${place.jobId}`}, task ${place.task} (submission ${place.token})`;
  const wait = until === undefined || now === undefined || until <= now ? "" : `, in ${duration((until - now) / 1000)}`;
  const when = until === undefined ? "" : ` at ${instant(until)}${wait}`;
  const why = by === undefined ? reason : `needs ${by}`;
  return `${standingText(standing)}${where}${when}${why === undefined ? "" : `: ${why}`}`;
}
