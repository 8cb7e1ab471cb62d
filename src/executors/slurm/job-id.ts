// SLURM's names of jobs: `17`, a task `35_4`, the tasks of an array that have not started `35_[4,6-8%2]`. Not what runs under them.
import { formatArray, parseArray, splitArray } from "./array-expression.ts";

export interface JobId {
  /** The job, or the array it is a task of. Not the raw id: every started task has one of its own. */
  readonly job: number;
  /** Absent: no array. */
  readonly tasks?: readonly number[];
  readonly throttle?: number;
  /** In brackets: the tasks that have no record of their own yet. */
  readonly rest: boolean;
}

/** Undefined for anything else, such as steps (`16.batch`), parts of heterogeneous jobs (`12+0`) and lists that were cut off (`2_[0,3,27-2`). */
export function parseJobId(text: string): JobId | undefined {
  const match = /^(\d+)(?:_(?:(\d+)|\[([^[\]]*)\]))?$/.exec(text);
  if (!match) return undefined;
  const [, job, task, list] = match;
  if (task !== undefined) return { job: Number(job), tasks: [Number(task)], rest: false };
  if (list === undefined) return { job: Number(job), rest: false };
  const expression = parseArray(list);
  return expression && { job: Number(job), ...expression, rest: true };
}

/** For scancel and scontrol: `35_[0-3,7]`, in parts that each fit on a command line. @param tasks ascending, each once */
export function arrayTasks(job: number, tasks: readonly number[]): readonly string[] {
  if (tasks.length === 1) return [`${job}_${formatArray(tasks)}`];
  return splitArray(tasks, LONGEST, { steps: false }).map((part) => `${job}_[${part}]`);
}

/** Linux takes 128 KiB a word; SLURM's own limits in reading lists are not documented, so well below. */
const LONGEST = 8000;
