// Runs the local executor over a hand-made campaign as apply would, and reads back what the journals say.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reapOrphans } from "../../src/executors/local/orphans.ts";
import {
  type LocalEvent,
  type LocalOptions,
  type LocalOutcome,
  runLocal,
} from "../../src/executors/local/run-local.ts";
import { keyOfRow, recipeOf, stageOfRow } from "../../src/expand/table.ts";
import { type Action, ACTIONS, type Batch } from "../../src/plan/types.ts";
import type { Event, EventOf } from "../../src/state/events.ts";
import { openJournal } from "../../src/state/journal.ts";
import { readJournals } from "../../src/state/read-journal.ts";
import { setEnvironment } from "./worker-env.ts";
import type { TestCampaign } from "./worker-bundle.ts";

export interface Ran extends LocalOutcome {
  readonly events: readonly LocalEvent[];
}

export type RunOptions = Partial<LocalOptions> & {
  /** For jobs without a receipt of their recipe. Default: create. */
  readonly action?: Action;
  /** Environment of the workers. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Jobs with a receipt for their recipe are kept, the others are run. */
export async function runCampaign(
  campaign: TestCampaign,
  { action = "create", env = {}, ...options }: RunOptions = {},
): Promise<Ran> {
  const { table, bundleDir, root, campaignDir, batches } = campaign;
  await reapOrphans(root);
  const { state } = readJournals(root).fold();
  const actions = new Uint8Array(table.count);
  for (let row = 0; row < table.count; row++) {
    const stage = stageOfRow(table, row);
    const { digest } = recipeOf(stage, row - stage.first);
    const kept = state.jobs.get(keyOfRow(table, row))?.receipt?.recipe.digest === digest;
    actions[row] = ACTIONS.indexOf(kept ? "keep" : action);
  }
  // The job files hold every row; a plan of fewer rows gets job files of its own, as a real one would.
  const planned = batches.map((batch) => ({
    ...batch,
    rows: batch.rows.filter((row) => actions[row] !== ACTIONS.indexOf("keep")),
  }));
  const kept = planned.filter((batch) => batch.rows.length > 0);
  campaign.writeJobs(kept);
  const events: LocalEvent[] = [];
  const run = `r${Date.now().toString(36)}`;
  const journal = openJournal(root, { writer: "apply", run });
  const restore = setEnvironment(env);
  try {
    const plan = { table, action: actions, batches: kept satisfies readonly Batch[] };
    const outcome = await runLocal({
      bundleDir,
      root,
      campaignDir,
      plan,
      state,
      journal,
      run,
      workers: 2,
      cpus: 2,
      memory: 1e12,
      onEvent: (event) => events.push(event),
      ...options,
    });
    return { ...outcome, events };
  } finally {
    restore();
    journal.close();
  }
}

/** Every event of every journal under the root. */
export function journalEvents(root: string): Event[] {
  return [...readJournals(root).events];
}

export function ends(root: string, key?: string): EventOf<"attempt-finished">[] {
  return journalEvents(root).filter(
    (event): event is EventOf<"attempt-finished"> =>
      event.type === "attempt-finished" && (key === undefined || event.key === key),
  );
}

/** Attempts that ended ok, by key. */
export function receipts(root: string): Map<string, number> {
  const count = new Map<string, number>();
  for (const end of ends(root)) if (end.class === "ok") count.set(end.key, (count.get(end.key) ?? 0) + 1);
  return count;
}

export function logText(root: string): string {
  return readdirSync(join(root, "logs")).map((name) => readFileSync(join(root, "logs", name), "utf8")).join(""); // prettier-ignore
}
