// cmc cancel: asks a running apply to stop, as Ctrl-C on its terminal would. It works only on the host where apply runs.
import { hostname } from "node:os";
import { DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { openJournal } from "../../state/journal.ts";
import { readLock } from "../../state/lock.ts";
import { readJournals } from "../../state/read-journal.ts";
import { runsByTime } from "../../state/run-state.ts";
import type { Context } from "../context.ts";
import { printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { userName } from "../who.ts";

interface CancelOptions extends CampaignOptions {
  readonly now?: boolean;
  readonly because: string;
}

export async function cancel(context: Context, campaign: string | undefined, options: CancelOptions): Promise<number> {
  const { root } = await openCampaign(context, campaign, options);
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
  const [latest] = runsByTime(readJournals(root).fold().state.runs.values());
  if (latest && !latest.end) {
    const journal = openJournal(root, { writer: "verb", run: latest.run });
    journal.append({
      type: "cancel-requested",
      at: context.now(),
      run: latest.run,
      user: userName(),
      reason: options.because,
    });
    journal.close();
  }
  if (!signal(holder.pid, options.now ? "SIGTERM" : "SIGINT"))
    return say(context, options, "Nothing is running: it has just ended.");
  const what = options.now ? "stop its running jobs" : "finish its running jobs and stop";
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
