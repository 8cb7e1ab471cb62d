// Jobs in a scheduler's hands, by what is on disk: for every plan, so it loads nothing that speaks with SLURM. Who holds them is settle.ts.
import { join } from "node:path";
import { isOpen } from "../../state/submission.ts";
import type { State } from "../../state/reduce.ts";
import { namesIn, signOf } from "./look.ts";
import { readDesk } from "./pool-desk.ts";
import { isConcluded } from "./settle.ts";
import { readTasks } from "./task-file.ts";

/** Jobs nobody else may run, no scheduler is asked. */
export function jobsInFlight(root: string, state: State): ReadonlyMap<string, "submitted" | "unresolved"> {
  const jobs = new Map<string, "submitted" | "unresolved">();
  for (const one of state.submissions.values()) {
    if (!isOpen(one)) continue;
    const how = one.jobId === undefined && one.intended?.mode === "array" ? "unresolved" : "submitted";
    (readTasks(root, one.token) ?? []).forEach((pack, task) => {
      const left = pack.filter((job) => !isConcluded(job, state));
      if (left.length > 0 && !isTaskClosed(root, one.token, task)) for (const { key } of left) jobs.set(key, how);
    });
  }
  for (const name of namesIn(join(root, "pool")))
    for (const job of readDesk(join(root, "pool", name)).packs.flatMap((pack) => pack.jobs))
      if (!isConcluded(job, state)) jobs.set(job.key, "submitted");
  return jobs;
}

function isTaskClosed(root: string, token: string, task: number): boolean {
  return signOf(join(root, "claims", token, String(task)), 0)?.closed ?? false;
}
