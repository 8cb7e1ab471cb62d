// A cancel on a cluster as text and as objects: what was held, what is gone from the queue, what still ends, what runs on. Pure.
import type { CancelledSubmission, CancelPlan } from "../../apply/cancel-plan.ts";
import type { Cancelled } from "../../apply/cancel.ts";
import { formatArray } from "../../executors/slurm/array-expression.ts";
import { jobs } from "./amount.ts";
import { hang } from "./columns.ts";
import { count } from "./quantity.ts";
import { jobsAndFirst } from "./verb.ts";

export interface ShownCancel {
  readonly plan: CancelPlan;
  /** Absent: nothing was done. */
  readonly done?: Cancelled;
}

const SHOWN = 10;

/** Ends with a newline. */
export function formatCancel(
  { plan, done }: ShownCancel,
  dryRun: boolean,
  { width }: { readonly width: number },
): string {
  const { hold, submissions, packs, runOn, neighbours } = plan;
  if (hold.length + submissions.length + packs.length === 0) return "No job in progress is meant.\n";
  const would = dryRun ? "Would be " : "";
  const verb = (word: string) => (dryRun ? word : `${word[0]!.toUpperCase()}${word.slice(1)}`);
  const lines: string[] = [];
  if (hold.length > 0) lines.push(`${would}${verb("held")}: ${jobsAndFirst(hold)}; \`cmc release\` or \`cmc retry\` lets go of them.`); // prettier-ignore
  if (packs.length > 0) lines.push(`${would}${verb("taken")} out of the pool: ${count(packs.length)} ${packs.length === 1 ? "pack" : "packs"} that no worker has begun.`); // prettier-ignore
  const shown: readonly (CancelledSubmission & { readonly left?: readonly number[]; readonly unseen?: boolean })[] = done?.submissions ?? submissions; // prettier-ignore
  if (shown.length > 0) {
    const tasks = shown.reduce((sum, one) => sum + one.tasks.length, 0);
    lines.push(`${would}${verb("cancelled")}: ${taskCount(tasks)} of ${count(shown.length)} ${shown.length === 1 ? "submission" : "submissions"}.`); // prettier-ignore
  }
  for (const one of shown.slice(0, SHOWN)) lines.push(`  ${submissionText(one)}`);
  if (shown.length > SHOWN) lines.push(`  and ${count(shown.length - SHOWN)} more: --json lists all`);
  if (neighbours.length > 0) lines.push(`${jobs(neighbours.length)} not selected ${neighbours.length === 1 ? "shares" : "share"} these tasks: the next tick submits ${neighbours.length === 1 ? "it" : "them"} again.`); // prettier-ignore
  if (runOn.length > 0) lines.push(`${count(runOn.length)} selected ${runOn.length === 1 ? "job shares its task" : "jobs share their tasks"} with jobs that are not selected, and may run to the end; with --whole-tasks such tasks go as a whole.`); // prettier-ignore
  if (done?.objection !== undefined) lines.push(`scancel said: ${done.objection}`);
  if (done) lines.push("The next tick records what has ended.");
  return lines.map((line) => `${hang(/^ */.exec(line)![0], line.trimStart(), width)}\n`).join("");
}

/** `task 3`, `tasks 0-3,7`. */
function taskList(tasks: readonly number[]): string {
  return `${tasks.length === 1 ? "task" : "tasks"} ${formatArray(tasks)}`;
}

function taskCount(tasks: number): string {
  return `${count(tasks)} ${tasks === 1 ? "array task" : "array tasks"}`;
}

function submissionText(
  one: CancelledSubmission & { readonly left?: readonly number[]; readonly unseen?: boolean },
): string {
  const { token, jobId, tasks, whole, left, unseen } = one;
  const number = jobId === undefined ? "no SLURM job known" : `SLURM job ${jobId}`;
  const which = whole ? "all that is left" : taskList(tasks);
  const head = `${token}  ${number}, ${which}`;
  if (left === undefined) return head;
  if (unseen) return `${head}: not in the queue; what has not begun cannot begin any more`;
  if (left.length === 0) return `${head}: gone from the queue`;
  const gone = tasks.length - left.length;
  return `${head}: ${gone > 0 ? `${count(gone)} gone, ` : ""}still in the queue: ${taskList(left)}`;
}

export function* cancelObjects({ plan, done }: ShownCancel, dryRun: boolean): Iterable<object> {
  const { hold, everything, submissions, packs, runOn, neighbours } = plan;
  const said = { unreachable: done?.unreachable, objection: done?.objection };
  yield { type: "cancel", asked: done !== undefined, dryRun, everything, held: hold.length, packs: packs.length, runOn, neighbours, ...said }; // prettier-ignore
  for (const key of hold) yield { type: "held", key };
  for (const one of done?.submissions ?? submissions) yield { type: "submission", ...one };
}
