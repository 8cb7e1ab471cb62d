// Carries out the moves of a plan: outputs are renamed, then their results get receipts under the new key. Killed anywhere, the next plan sees what is
// left to do: a file that is in its new place already is taken as it lies there.
import { existsSync, lstatSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";
import { keyOfRow } from "../expand/table.ts";
import { movedReceipt } from "../plan/moved-receipt.ts";
import type { Plan, PlannedMove } from "../plan/types.ts";
import type { Attempt } from "../state/attempt.ts";
import type { Receipt } from "../state/receipt.ts";
import { faultPoint } from "../state/fault.ts";
import type { JournalWriter } from "../state/journal.ts";
import { type JobState, nextAttempt, waiversOf } from "../state/job-state.ts";
import { readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";
import { carriedOver } from "../state/verification.ts";
import { syncFolder } from "../state/replace-file.ts";
import { refuseWrite } from "../state/write-error.ts";
import { removeEmpty } from "./remove-empty.ts";

export interface MovesRequest {
  readonly root: string;
  readonly plan: Plan;
  readonly state: State;
  readonly journal: JournalWriter;
  readonly run: string;
  readonly user: string;
  readonly now: () => number;
}

/** The state afterwards. By the holder of the lock, before anything is run. */
export function carryOutMoves({ root, plan, state, journal, run, user, now }: MovesRequest): State {
  if (plan.moves.size === 0) return state;
  const moves = [...plan.moves].map(([row, move]) => ({ row, move }));
  const touched = new Set<string>();
  for (const { move } of moves)
    for (const { from, to } of move.outputs) if (from !== to) rename(root, from, to, touched);
  // The names are on disk before a receipt says so.
  for (const folder of touched) syncFolder(folder);
  faultPoint("apply/renamed");
  moves.forEach(({ row, move }, i) => {
    const key = keyOfRow(plan.table, row);
    const job = state.jobs.get(move.from)!;
    record(journal, now(), { key, move, job, known: state.jobs.get(key), attemptId: `${run}-moved-${i + 1}`, state, user }); // prettier-ignore
  });
  const waivers = [...plan.renamed].map(([row, fields]) => {
    const key = keyOfRow(plan.table, row);
    return { key, attemptId: state.jobs.get(key)!.accepted!.attemptId, fields };
  });
  const reason = "an output it was made from has another name";
  if (waivers.length > 0) journal.append({ type: "changes-accepted", at: now(), user, reason, waivers });
  const left = moves.flatMap(({ row, move }) => (move.from === keyOfRow(plan.table, row) ? [] : [move.from]));
  if (left.length > 0) journal.append({ type: "jobs-forgotten", at: now(), keys: left, run });
  journal.sync();
  faultPoint("apply/moved");
  for (const folder of touched) removeEmpty(root, folder);
  return readJournals(root).fold().state;
}

function rename(root: string, from: string, to: string, touched: Set<string>): void {
  const [source, target] = [join(root, from), join(root, to)];
  if (!existsSync(source)) return;
  if (lstatSync(target, { throwIfNoEntry: false }))
    fail({ code: "apply/occupied", message: `${from} is to be renamed ${to}, and something is there` });
  try {
    mkdirSync(dirname(target), { recursive: true });
    renameSync(source, target);
  } catch (error) {
    refuseWrite(error, target);
  }
  touched.add(dirname(source)).add(dirname(target));
  faultPoint("apply/renaming");
}

interface Record {
  readonly key: string;
  readonly move: PlannedMove;
  /** Under its old key. */
  readonly job: JobState;
  /** What is known of the new one. */
  readonly known: JobState | undefined;
  readonly attemptId: string;
  readonly state: State;
  /** Who applies. */
  readonly user: string;
}

function record(
  journal: JournalWriter,
  at: number,
  { key, move, job, known, attemptId, state, user: mover }: Record,
): void {
  const { accepted, receipt } = job as { accepted: Attempt; receipt: Receipt };
  // What was accepted for the result is accepted for it under the new key; said first, so that no receipt is without.
  for (const { user, reason, at: said, ...waiver } of waiversOf(job))
    journal.append({ type: "changes-accepted", at: said, user, reason, waivers: [{ ...waiver, key, attemptId }] });
  const nameOf = (output: string) => move.outputs.find(({ was }) => was === output)?.name ?? output;
  for (const words of carriedOver(state, accepted.attemptId, { key, attemptId }, nameOf))
    journal.append(words.type === "results-verified" ? { ...words, at, user: mover } : { ...words, at, user: mover, reason: `moved from ${move.from}` }); // prettier-ignore
  const { phases = [], peakMemory } = accepted.end ?? {};
  journal.append({
    type: "attempt-finished",
    at,
    key,
    attempt: nextAttempt(known),
    attemptId,
    class: "ok",
    message: move.from === key ? "its outputs were renamed" : `moved from ${move.from}`,
    phases,
    ...(peakMemory === undefined ? {} : { peakMemory }),
    receipt: movedReceipt(receipt, accepted.attemptId, move),
  });
}
