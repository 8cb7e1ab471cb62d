// cmc cancel: asks a running apply to stop, as Ctrl-C on its terminal would. It works only on the host where apply runs.
import { hostname } from "node:os";
import { DiagnosticError } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { openJournal } from "../../state/journal.ts";
import { readLock } from "../../state/lock.ts";
import { readJournals } from "../../state/read-journal.ts";
import { runsByTime } from "../../state/run-state.ts";
import type { Context } from "../context.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { userName } from "../who.ts";

interface CancelOptions extends CampaignOptions {
  readonly now?: boolean;
  readonly because: string;
}

export async function cancel(context: Context, campaign: string | undefined, options: CancelOptions): Promise<number> {
  const { root } = await openCampaign(context, campaign, options);
  const holder = readLock(root);
  if (!holder || holder.abandoned) {
    context.out("Nothing is running.\n");
    return EXIT.ok;
  }
  if (holder.host !== hostname())
    throw new DiagnosticError([
      {
        code: "state/other-host",
        severity: "error",
        message: `${holder.command} runs on ${holder.host} (pid ${holder.pid}), not on this host`,
      },
    ]);
  const [latest] = runsByTime(readJournals(root).fold().state.runs.values());
  if (latest) {
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
  process.kill(holder.pid, options.now ? "SIGTERM" : "SIGINT");
  context.out(
    `Asked ${holder.command} (pid ${holder.pid}) to ${options.now ? "stop its running jobs" : "finish its running jobs and stop"}.\n`,
  );
  return EXIT.ok;
}
