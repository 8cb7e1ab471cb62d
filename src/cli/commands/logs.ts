// cmc logs JOB: what a job printed, cut out of its worker's log. Reads only.
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { keyOfRow } from "../../expand/table.ts";
import { type JobLog, jobLogs } from "../../insight/logs.ts";
import { readJournals } from "../../state/read-journal.ts";
import type { Context } from "../context.ts";
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
  const job = readJournals(compiled.root).fold().state.jobs.get(key);
  const all = job ? jobLogs(job) : [];
  const log = options.attempt === undefined ? all.at(-1) : all.find((one) => one.attempt === options.attempt);
  if (!log) {
    const remedy =
      all.length > 0
        ? `Attempts with a log: ${all.map((one) => one.attempt).join(", ")}.`
        : job?.open
          ? "It is running: look at logs/ in the campaign root."
          : "It has not run yet: `cmc apply`.";
    return fail({
      code: "cli/no-log",
      message: `${key} has no log${options.attempt === undefined ? "" : ` of attempt ${options.attempt}`}`,
      remedy,
    });
  }
  const printed = readRange(compiled.root, log);
  if (options.json) printJson(context, [{ type: "log", key, ...log, text: printed }]);
  else context.out(printed);
  return EXIT.ok;
}

function readRange(root: string, { file, from, to }: JobLog): string {
  const fd = openSync(join(root, file), "r");
  try {
    const bytes = Buffer.alloc(to - from);
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}
