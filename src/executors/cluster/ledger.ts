// Submits, and leaves a trace that survives everything: task file and claims folder, the intent on disk, then sbatch, then its answer.
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CampaignIR } from "../../ir/campaign.ts";
import type { Event } from "../../state/events.ts";
import { faultPoint } from "../../state/fault.ts";
import type { SlurmClient } from "../slurm/client.ts";
import { escapePattern, type Submission } from "../slurm/sbatch.ts";
import type { SubmitAnswer } from "../slurm/submission.ts";
import type { Wanted } from "./assign.ts";
import type { RunFile } from "./run-file.ts";
import { jobName } from "./sight.ts";
import { removeTasks, taskFile, writeTasks } from "./task-file.ts";
import type { TurnBook } from "./turn-book.ts";

export interface LedgerPlace {
  readonly root: string;
  readonly run: RunFile;
  readonly campaign: CampaignIR;
  readonly turn: TurnBook;
  readonly client: SlurmClient;
  readonly now: () => number;
  /** Nodes that failed too often. */
  readonly exclude: readonly string[];
}

export async function submitArray(place: LedgerPlace, wanted: Wanted): Promise<SubmitAnswer> {
  const { root, run, turn, now } = place;
  const token = newToken(wanted.array.name, now());
  writeTasks(root, token, wanted.tasks);
  // Who finds no such folder begins nothing: see worker/task-claim.ts.
  mkdirSync(join(root, "claims", token), { recursive: true });
  faultPoint("ledger/prepared");
  turn.write({
    type: "submission-intended",
    at: now(),
    token,
    run: run.run,
    array: wanted.array.name,
    mode: "array",
    ...(wanted.lane ? { lane: wanted.lane.name } : {}),
    tasks: wanted.tasks.length,
    jobs: wanted.tasks.reduce((sum, pack) => sum + pack.length, 0),
  });
  turn.journal().sync();
  faultPoint("ledger/intended");
  const answer = await place.client.submit(submissionOf(place, wanted, token));
  faultPoint("ledger/submitted");
  record(place, token, answer);
  faultPoint("ledger/answered");
  return answer;
}

function record({ root, turn, now }: LedgerPlace, token: string, answer: SubmitAnswer): void {
  for (const event of recordAnswer(token, answer, now())) turn.write(event);
  turn.journal().sync();
  if (answer.type !== "submitted" && answer.type !== "uncertain") forget(root, token);
}

/** `uncertain` stays open: it may run. It is looked for by its name, and nothing is submitted for its jobs until it is settled. */
export function recordAnswer(token: string, answer: SubmitAnswer, at: number): readonly Event[] {
  if (answer.type === "submitted") return [{ type: "submission-answered", at, token, jobId: answer.jobId }];
  if (answer.type === "uncertain") return [];
  const kind = answer.type === "refused" ? answer.kind : answer.type === "absent" ? "configuration" : "unreachable";
  return [{ type: "submission-refused", at, token, kind, message: answer.text }];
}

/** What nobody will read any more. The claims folder goes first: without it a latecomer begins nothing. */
export function forget(root: string, token: string): void {
  rmSync(join(root, "claims", token), { recursive: true, force: true });
  removeTasks(root, token);
}

function submissionOf({ root, run, campaign, exclude }: LedgerPlace, wanted: Wanted, token: string): Submission {
  const { array, tasks, more, walltime, lane } = wanted;
  const { maxRunning } = run.site.limits;
  const checkpoint = campaign.stages.find(({ name }) => name === array.stage)?.checkpoint;
  const script = join(run.bundle, "slurm", `${array.name}.sbatch`);
  const log = join(root, "logs", `${token}.slurm`);
  const memory = more?.memory === undefined ? undefined : more.memory / (array.resources.nodes ?? 1);
  return {
    script,
    args: [run.bundle, root, run.campaignDir, run.run, taskFile(root, token), "0", token],
    jobName: jobName(token),
    array: { tasks: tasks.map((_, i) => i), ...(maxRunning === undefined ? {} : { throttle: maxRunning }) },
    ...lane?.queue,
    ...(memory === undefined ? {} : { memory }),
    ...(walltime === undefined ? {} : { walltime }),
    ...(exclude.length > 0 ? { excludeNodes: exclude } : {}),
    // To the worker, which hands it to its job.
    ...(checkpoint ? { signal: { name: "USR1", seconds: checkpoint.before, to: "batch" as const } } : {}),
    requeue: true,
    workingDirectory: root,
    output: escapePattern(log),
    openMode: "append",
  };
}

/** `mock-mwp1yx1o-3f9a2c1b`: sorted by time within an array or a pool, unique for ever. */
export function newToken(array: string, now: number): string {
  return `${array}-${now.toString(36)}-${randomBytes(4).toString("hex")}`;
}
