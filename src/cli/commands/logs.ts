// cmc logs JOB: what a job printed, cut out of its worker's log; of one that never began, what its submission printed. Reads only.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { type ClusterView, viewCluster } from "../../apply/cluster-view.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { keyOfRow } from "../../expand/table.ts";
import { type AttemptLog, attemptLogs } from "../../insight/logs.ts";
import { heldFor, type JobState } from "../../state/job-state.ts";
import { errno } from "../../state/write-error.ts";
import type { Context } from "../context.ts";
import { handsText } from "../format/hands.ts";
import { requireJob } from "../job.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";

interface LogsOptions extends CampaignOptions {
  readonly attempt?: number;
}

export async function logs(
  context: Context,
  text: string,
  campaign: string | undefined,
  options: LogsOptions,
): Promise<number> {
  const compiled = await openCampaign(context, campaign, options);
  const table = compiled.table();
  const key = keyOfRow(table, requireJob(table, text));
  const view = viewCluster(compiled.root, context.now());
  const job = view.state.jobs.get(key);
  const all = job ? attemptLogs(job, view.state) : [];
  const log = options.attempt === undefined ? all.at(-1) : all.find((one) => one.attempt === options.attempt);
  const submission = options.attempt === undefined ? submissionLog(key, job, log, view) : undefined;
  const read = submission === undefined ? undefined : readTail(compiled.root, submission);
  if (submission !== undefined && read !== undefined) {
    if (options.json) printJson(context, [{ type: "log", key, file: submission, text: read }]);
    else {
      context.err(`${key} has not begun. This is what its submission printed, all array tasks together:\n`);
      context.out(read);
    }
    return EXIT.ok;
  }
  const printed = log && readRange(compiled.root, log);
  if (printed === undefined) return none(key, all, log, options, view);
  if (options.json) printJson(context, [{ type: "log", key, ...log, text: printed }]);
  else context.out(printed);
  return EXIT.ok;
}

/** Relative to the root. Where there is no attempt to tell of, or it was held later because its worker could not be started. */
function submissionLog(
  key: string,
  job: JobState | undefined,
  log: AttemptLog | undefined,
  { jobs }: ClusterView,
): string | undefined {
  if (job?.held?.log !== undefined && heldFor(job) !== undefined && job.held.at >= (job.last?.end?.at ?? 0))
    return job.held.log;
  const place = jobs.get(key)?.place;
  return !log && place?.kind === "task" ? `logs/${place.token}.slurm` : undefined;
}

function none(
  key: string,
  all: readonly AttemptLog[],
  log: AttemptLog | undefined,
  { attempt }: LogsOptions,
  view: ClusterView,
): number {
  const inProgress = view.jobs.get(key);
  const remedy = log
    ? `It was in ${log.file}, which is not there any more.`
    : all.length > 0
      ? `Attempts with a log: ${all.map((one) => one.attempt).join(", ")}.`
      : inProgress
        ? `It is ${handsText(inProgress)}.`
        : "It has not run yet: `cmc apply`.";
  const which = attempt === undefined ? "" : ` of attempt ${attempt}`;
  return fail({ code: "cli/no-log", message: `${key} has no log${which}`, remedy });
}

/** Undefined: the file is not there. */
function readRange(root: string, { file, from, to }: AttemptLog): string | undefined {
  return withFile(join(root, file), (fd, size) => cut(fd, from, Math.min(to ?? size, size)));
}

const TAIL = 65_536;

/** Its last lines. Undefined: there is none, or it is empty. */
function readTail(root: string, file: string): string | undefined {
  const text = withFile(join(root, file), (fd, size) => cut(fd, Math.max(0, size - TAIL), size));
  return text === "" ? undefined : text;
}

function cut(fd: number, from: number, to: number): string {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, from));
}

function withFile(path: string, use: (fd: number, size: number) => string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return use(fd, fstatSync(fd).size);
  } finally {
    closeSync(fd);
  }
}
