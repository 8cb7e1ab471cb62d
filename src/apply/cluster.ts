// A campaign on a cluster: what apply hands over, and the turn that apply, tick and watch take. Order of steps only.
import { takeTurn } from "../executors/cluster/turn.ts";
import type { Turn } from "../executors/cluster/turn-book.ts";
import { type Look, look } from "../executors/cluster/look.ts";
import { openRuns, type RunFile, writeRun } from "../executors/cluster/run-file.ts";
import { SlurmClient } from "../executors/slurm/client.ts";
import { keyOfRow } from "../expand/table.ts";
import type { Plan } from "../plan/types.ts";
import type { Site } from "../site/site.ts";
import { faultPoint } from "../state/fault.ts";
import { nextAttempt } from "../state/job-state.ts";
import { type JournalWriter, openJournal } from "../state/journal.ts";
import { acquireLock } from "../state/lock.ts";
import { readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";
import { beat } from "./heartbeat.ts";
import { staleMembers } from "./stale-members.ts";

export type { Turn };

const NOTHING_SEEN: Look = { queue: { type: "ok", value: { jobs: [], unreadable: [] } }, claims: new Map(), desks: new Map(), clock: 0, at: 0 }; // prettier-ignore

export interface HandedOver {
  readonly run: string;
  readonly bundle: string;
  readonly campaignDir: string;
  readonly site: Site;
  readonly startedAt: number;
}

/** From here on ticks carry the run out. */
export function handOver(root: string, plan: Plan, state: State, run: HandedOver): void {
  const first: Record<string, readonly number[]> = {};
  for (const { id, rows } of plan.batches) {
    const numbers = Array.from(rows, (row) => nextAttempt(state.jobs.get(keyOfRow(plan.table, row))));
    if (numbers.some((number) => number !== 1)) first[id] = numbers;
  }
  const stale = staleMembers(plan, state);
  writeRun(root, { ...run, first, ...(Object.keys(stale).length > 0 ? { stale } : {}) } satisfies RunFile);
  faultPoint("apply/handed-over");
}

/** One turn, by the holder of the lock. */
export async function turnNow(root: string, writer: "apply" | "tick", now: () => number): Promise<Turn> {
  const [latest] = openRuns(root);
  let journal: JournalWriter | undefined;
  const run = latest?.run ?? "none";
  const client = slurmClient(latest?.site);
  // Without a run nobody is asked.
  const seen = latest ? await look(root, client, now) : NOTHING_SEEN;
  const { state } = readJournals(root).fold();
  try {
    const turn = await takeTurn({
      root,
      look: seen,
      state,
      journal: () => (journal ??= openJournal(root, { writer: "tick", run, name: writer })),
      client,
      now,
    });
    beat(root, { by: writer, turn, state, at: now(), lookedAt: seen.at, line: turnLine(turn) });
    return turn;
  } finally {
    journal?.close();
  }
}

export interface TickRequest {
  readonly root: string;
  readonly user: string;
  readonly now: () => number;
}

/** Throws state/locked while another command holds the campaign. */
export async function tick({ root, user, now }: TickRequest): Promise<Turn> {
  const lock = acquireLock(root, "tick", { user, now: now() });
  try {
    faultPoint("tick/locked");
    return await turnNow(root, "tick", now);
  } finally {
    lock.release();
  }
}

export function slurmClient(site: Site | undefined): SlurmClient {
  const submitTimeout = site?.limits.submitTimeout;
  const user = process.getuid?.() ?? 0;
  return new SlurmClient({ env: process.env, user, ...(submitTimeout === undefined ? {} : { submitTimeout }) });
}

/** One line: what a cron mail or a log should hold. */
export function turnLine({ runs, finished, submitted, counts, waiting, hands, unreachable }: Turn): string {
  if (runs === 0) return "nothing in progress";
  const phases = phasesOf(hands);
  const failed = counts.failed + counts.held;
  const nobodyLooked = unreachable !== undefined && Object.values(counts).every((count) => count === 0);
  const parts = [
    submitted.jobs > 0 ? `submitted ${submitted.jobs} jobs in ${submitted.tasks} tasks` : "",
    unreachable === undefined ? "" : "the scheduler does not answer",
    nobodyLooked ? "" : `${counts.done} done`,
    phases.running > 0 ? `${phases.running} running` : "",
    phases.queued > 0 ? `${phases.queued} queued` : "",
    phases.unknown > 0 ? `${phases.unknown} unknown` : "",
    counts.backoff > 0 ? `${counts.backoff} to be retried` : "",
    counts.waiting > 0 ? `${counts.waiting} waiting for inputs` : "",
    waiting > 0 ? `${waiting} tasks waiting for room in the queue` : "",
    failed > 0 ? `${failed} failed` : "",
    counts.blocked > 0 ? `${counts.blocked} blocked` : "",
    ...finished.map(({ run, outcome }) => `run ${run} ended: ${outcome}`),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function phasesOf(hands: Turn["hands"]) {
  const phases = { running: 0, queued: 0, unknown: 0 };
  for (const { phase } of hands.values()) phases[phase] += 1;
  return phases;
}

export function turnObject({
  hands,
  finished,
  submitted,
  counts,
  waiting,
  alerts,
  nextRetry,
  unreachable,
  runs,
}: Turn): object {
  const phases = phasesOf(hands);
  return { type: "turn", runs, finished, submitted, jobs: { ...counts, ...phases }, waiting, alerts, ...(nextRetry === undefined ? {} : { nextRetry }), ...(unreachable === undefined ? {} : { unreachable }) }; // prettier-ignore
}
