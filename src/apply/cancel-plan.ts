// What a cancel of some jobs of runs in progress comes to: which are held, which array tasks go, which packs, and what cannot be stopped alone. Pure.
import { isConcluded } from "../executors/cluster/settle.ts";
import type { DeskPack } from "../executors/cluster/pool-desk.ts";
import type { Pack } from "../executors/cluster/task-file.ts";
import type { ClusterView } from "./cluster-view.ts";

export interface CancelPlan {
  /** In docket order; neither done, failed nor held already. */
  readonly hold: readonly string[];
  /** All that the runs have left to do. */
  readonly everything: boolean;
  readonly submissions: readonly CancelledSubmission[];
  /** Packs of pools that no worker has yet. */
  readonly packs: readonly { readonly folder: string; readonly pack: DeskPack }[];
  /** Selected jobs in tasks or packs with jobs that are not: they run to their end. */
  readonly runOn: readonly string[];
  /** Not selected, and cancelled with the task they share: they are submitted again. */
  readonly neighbours: readonly string[];
}

export interface CancelledSubmission {
  readonly token: string;
  /** Absent: sbatch gave no answer that names it. */
  readonly jobId?: number;
  /** Ascending. `whole`: all of its tasks that are left; an allocation of a pool has the one. */
  readonly tasks: readonly number[];
  readonly whole: boolean;
}

/** @param wholeTasks a task that holds a selected job goes as a whole */
export function cancelPlan(view: ClusterView, selected: (key: string) => boolean, wholeTasks: boolean): CancelPlan {
  const left = [...view.jobs].filter(([, { standing }]) => standing !== "failed");
  const chosen = left.filter(([key]) => selected(key));
  const hold = chosen.filter(([, { standing }]) => standing !== "held").map(([key]) => key);
  const book: Book = { submissions: [], packs: [], runOn: [], neighbours: [] };
  inTasks(view, selected, wholeTasks, book);
  inPools(view, selected, book);
  return { hold, everything: left.length > 0 && chosen.length === left.length, ...book };
}

interface Book {
  readonly submissions: CancelledSubmission[];
  readonly packs: { folder: string; pack: DeskPack }[];
  readonly runOn: string[];
  readonly neighbours: string[];
}

function inTasks({ state, submissions }: ClusterView, selected: Selected, wholeTasks: boolean, book: Book): void {
  for (const { submission, tasks, settled } of submissions) {
    const { token, jobId } = submission;
    const numbers: number[] = [];
    let all = true;
    tasks.forEach((jobs, task) => {
      if (settled(task)) return;
      const { ours, others } = parted(jobs.filter((job) => !isConcluded(job, state)), selected); // prettier-ignore
      if (ours.length === 0) {
        all &&= others.length === 0;
      } else if (others.length === 0 || wholeTasks) {
        numbers.push(task);
        book.neighbours.push(...others);
      } else {
        all = false;
        book.runOn.push(...ours);
      }
    });
    if (numbers.length > 0)
      book.submissions.push({ token, ...(jobId === undefined ? {} : { jobId }), tasks: numbers, whole: all });
  }
}

/** Allocations go when nothing of their pool is left to do; a pack that a worker has cannot be taken from it alone. */
function inPools({ state, pools, submissions }: ClusterView, selected: Selected, book: Book): void {
  for (const { run, name, folder, packs, more } of pools) {
    const open = packs.map((pack) => ({ pack, ...parted(pack.jobs.filter((job) => !isConcluded(job, state)), selected) })); // prettier-ignore
    const empty = open.every(({ others }) => others.length === 0) && more.every(selected);
    const allocations = submissions.filter(({ submission: { intended } }) => intended?.mode === "pool" && intended.run === run && intended.array === name); // prettier-ignore
    if (empty)
      for (const { submission: { token, jobId } } of allocations)
        book.submissions.push({ token, ...(jobId === undefined ? {} : { jobId }), tasks: [0], whole: true }); // prettier-ignore
    for (const { pack, ours, others } of open)
      if (ours.length > 0 && others.length === 0 && !pack.claimed) book.packs.push({ folder, pack });
      else if (!empty) book.runOn.push(...ours);
  }
}

type Selected = (key: string) => boolean;

function parted(jobs: Pack, selected: Selected): { readonly ours: string[]; readonly others: string[] } {
  const keys = jobs.map(({ key }) => key);
  return { ours: keys.filter(selected), others: keys.filter((key) => !selected(key)) };
}
