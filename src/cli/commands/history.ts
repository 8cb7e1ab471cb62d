// cmc history: the applies of a campaign, newest first, with what people said between them; or one apply in full. Writes nothing but caches.
import { isLive } from "../../apply/planning.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { openRuns } from "../../executors/cluster/run-file.ts";
import { type ApplyEntry, type HistoryEntry, historyOf } from "../../insight/history.ts";
import { readJournals } from "../../state/read-journal.ts";
import type { State } from "../../state/reduce.ts";
import { runsByTime } from "../../state/run-state.ts";
import { campaignAndJobs } from "../arguments.ts";
import type { Context } from "../context.ts";
import { formatHistory } from "../format/history.ts";
import { formatRun } from "../format/run-detail.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { oneRun } from "../run-name.ts";

interface HistoryOptions extends CampaignOptions {
  readonly limit?: number;
}

/** Entries shown unless --limit says otherwise. */
const SHOWN = 20;

export async function history(context: Context, args: readonly string[], options: HistoryOptions): Promise<number> {
  const { campaign, keys: names } = campaignAndJobs(context, args);
  if (names.length > 1)
    fail({ code: "cli/usage", message: `history shows one apply, not ${names.length}: ${names.join(", ")}` });
  const { root } = await openCampaign(context, campaign, options);
  const { state, problems } = readJournals(root).fold();
  printDiagnostics(context, problems, options.json);
  const entries = historyOf(state, atWork(root, state));
  const [name] = names;
  if (name === undefined) printAll(context, entries, options);
  else printOne(context, entries, oneRun(state, name), options);
  return EXIT.ok;
}

/** A run without an end is being carried out where its jobs are in a scheduler's hands, or where the latest one's apply holds the lock. */
function atWork(root: string, state: State): (run: string) => boolean {
  const open = new Set(openRuns(root).map(({ run }) => run));
  const latest = runsByTime(state.runs.values()).find(({ start }) => start)?.run;
  const live = isLive(root);
  return (run) => open.has(run) || (live && run === latest);
}

function printAll(context: Context, entries: readonly HistoryEntry[], { limit = SHOWN, json }: HistoryOptions): void {
  const shown = entries.slice(0, limit);
  if (json) printJson(context, shown);
  else if (entries.length === 0) context.out("Never applied.\n");
  else context.out(formatHistory(shown, entries.length - shown.length, context));
}

function printOne(context: Context, entries: readonly HistoryEntry[], run: string, { json }: HistoryOptions): void {
  const entry = entries.find((one): one is ApplyEntry => one.type === "apply" && one.run === run)!;
  if (json) printJson(context, [entry]);
  else context.out(formatRun(entry, context));
}
