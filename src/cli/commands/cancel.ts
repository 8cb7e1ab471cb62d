// cmc cancel: takes back what a campaign has in progress. On this machine it asks the running apply to stop; on a cluster see cancel-cluster.ts.
import { hostname } from "node:os";
import { DiagnosticError, fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { inProgress } from "../../executors/cluster/run-file.ts";
import { openJournal } from "../../state/journal.ts";
import { readLock } from "../../state/lock.ts";
import { readJournals } from "../../state/read-journal.ts";
import { runsByTime } from "../../state/run-state.ts";
import { campaignAndJobs } from "../arguments.ts";
import type { Context } from "../context.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import type { SelectionOptions } from "../selection.ts";
import { userName } from "../who.ts";
import { cancelOnCluster } from "./cancel-cluster.ts";

export interface CancelOptions extends CampaignOptions, SelectionOptions {
  readonly now?: boolean;
  readonly because?: string;
  readonly wholeTasks?: boolean;
  readonly dryRun?: boolean;
}

export async function cancel(context: Context, args: readonly string[], options: CancelOptions): Promise<number> {
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const { root } = compiled;
  if (inProgress(root)) return cancelOnCluster(context, compiled, keys, options);
  const { stage, where, reason, state, wholeTasks } = options;
  if (keys.length > 0 || [stage, where, reason, state].some((text) => text !== undefined) || wholeTasks)
    fail({
      code: "cli/usage",
      message: "nothing is in progress on a cluster, and a run on this machine is cancelled as a whole",
    });
  return cancelHere(context, root, options);
}

function cancelHere(context: Context, root: string, options: CancelOptions): number {
  const holder = readLock(root);
  if (!holder || holder.abandoned) return say(context, options, "Nothing is running.");
  if (holder.host !== hostname())
    throw new DiagnosticError([
      {
        code: "state/other-host",
        severity: "error",
        message: `${holder.command} runs on ${holder.host} (pid ${holder.pid}), not on this host`,
      },
    ]);
  if (holder.command !== "apply")
    return say(context, options, `${holder.command} is running (pid ${holder.pid}); it ends by itself.`);
  const what = options.now ? "stop its running jobs" : "finish its running jobs and stop";
  if (options.dryRun) return say(context, options, `Would ask apply (pid ${holder.pid}) to ${what}.`);
  const [latest] = runsByTime(readJournals(root).fold().state.runs.values());
  if (latest && !latest.end) {
    const journal = openJournal(root, { writer: "verb", run: latest.run });
    journal.append({
      type: "cancel-requested",
      at: context.now(),
      run: latest.run,
      user: userName(),
      reason: options.because ?? "cancelled by the user",
    });
    journal.close();
  }
  if (!signal(holder.pid, options.now ? "SIGTERM" : "SIGINT"))
    return say(context, options, "Nothing is running: it has just ended.");
  return say(context, options, `Asked apply (pid ${holder.pid}) to ${what}.`, holder.id);
}

/** False: there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** `lock`: of the apply that was asked to stop. */
function say(context: Context, { json }: CancelOptions, message: string, lock?: string): number {
  if (json)
    printJson(context, [
      { type: "cancel", asked: lock !== undefined, ...(lock === undefined ? {} : { lock }), message },
    ]);
  else context.out(`${message}\n`);
  return EXIT.ok;
}
