// What waits in the queue for nothing: tasks of submissions that are over, put back by SLURM when their last job had ended, or accepted after they
// were given up. They would begin nothing, only wait and cost. Pure; the turn cancels them.
import type { State } from "../../state/reduce.ts";
import { isOpen } from "../../state/submission.ts";
import { arrayTasks } from "../slurm/job-id.ts";
import type { Queue } from "../slurm/squeue.ts";
import { tokenOf } from "./sight.ts";

/** For scancel. Jobs of other campaigns have names that this one does not know. */
export function leftoversOf({ jobs }: Queue, state: State): readonly string[] {
  return jobs.flatMap(({ name, state: { phase }, jobId, arrayJobId, tasks }) => {
    const token = tokenOf(name);
    const known = token === undefined ? undefined : state.submissions.get(token);
    if (phase !== "pending" || !known || isOpen(known)) return [];
    return arrayJobId !== undefined && tasks ? arrayTasks(arrayJobId, tasks) : [String(jobId)];
  });
}
