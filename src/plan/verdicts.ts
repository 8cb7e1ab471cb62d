// Pass 7: grounds and past attempts make a verdict. Failures count only under the recipe they failed with: a changed job starts afresh.
import type { StageTable } from "../expand/table.ts";
import type { RetryIR } from "../ir/stage.ts";
import { type Attempt, isInterruption } from "../state/attempt.ts";
import type { AttemptClass } from "../state/events.ts";
import { blockText, failuresOf, holdFor } from "../state/job-state.ts";
import type { Draft } from "./draft.ts";
import { newestAttempt, triedWith } from "./history.ts";
import type { Detail, PlannedMove, Reason } from "./types.ts";

const RETRY: Readonly<Record<Exclude<AttemptClass, "ok">, Reason>> = {
  exit: "retry_exit",
  signal: "retry_exit",
  oom: "retry_oom",
  timeout: "retry_timeout",
  validation: "retry_validation",
  "missing-input": "retry_missing_input",
  cancelled: "retry_cancelled",
  checkpoint: "retry_checkpoint",
  lost: "retry_lost",
};

export function verdicts(draft: Draft, stage: StageTable): void {
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    if (inFlight(draft, row)) continue;
    if (draft.jobs[row]?.open && draft.observations.live) draft.settle(row, "wait", "running");
    else if (!draft.hasGround(row)) settleDone(draft, row);
    else settleRun(draft, stage, row, i);
  }
}

/** Its result stands: where it is, or where the campaign now says. */
function settleDone(draft: Draft, row: number): void {
  const move = draft.planned.get(row);
  const occupied = draft.occupied.get(row);
  if (occupied !== undefined)
    draft.settle(row, "hold", "held", [{ type: "note", text: `moved, and something else lies at ${occupied}: put it elsewhere` }]); // prettier-ignore
  else if (move) draft.settle(row, "move", "moved", moveDetails(draft, row, move));
  else settleKept(draft, row);
}

function moveDetails(draft: Draft, row: number, { from, outputs }: PlannedMove): Detail[] {
  const renamed = outputs.map(({ name, was, from: old, to }): Detail =>
    old === to ? { type: "note", text: `output ${name} was ${was}` } : { type: "output", name, path: to, what: "moved", old },
  ); // prettier-ignore
  return from === draft.key(row) ? renamed : [{ type: "moved", key: from }, ...renamed];
}

function settleKept(draft: Draft, row: number): void {
  const warned = draft.warned.get(row);
  draft.settle(row, "keep", warned?.reason ?? "completed", warned?.details);
}

/** In a scheduler's hands: nothing else may touch it. */
function inFlight(draft: Draft, row: number): boolean {
  const { inFlight: flights } = draft.observations;
  const flight = flights.size === 0 ? undefined : flights.get(draft.key(row));
  if (flight === undefined) return false;
  if (flight === "unresolved") draft.settle(row, "hold", "unresolved");
  else draft.settle(row, "wait", draft.jobs[row]?.open ? "running" : "queued");
  return true;
}

function settleRun(draft: Draft, stage: StageTable, row: number, index: number): void {
  const job = draft.jobs[row];
  const last = newestAttempt(job);
  const recipe = stage.recipe.digest.at(index);
  const { adopt, adoptOnly } = draft.policy;
  const adopts = draft.reason(row) === "new" && adopt && (adoptOnly?.(row) ?? true) && allFound(draft, stage, row);
  // An adoption that was cut short is taken up again: to run the job would replace what was found.
  if (job && last && last.end?.class !== "ok" && !(adopts && (adoptOnly || isInterrupted(last)))) {
    if (triedWith(last, recipe)) return settleAgain(draft, stage, row, last, failuresOf(job, recipe).length);
    draft.note(row, [
      {
        type: "note",
        text: `its last attempt (${last.end?.class ?? "lost"}) was made under another recipe and does not count`,
      },
    ]);
  }
  const held = heldNow(draft, row);
  if (held !== undefined) return draft.settle(row, "hold", "held", [{ type: "note", text: held }]);
  if (draft.reason(row) !== "new") draft.settle(row, "rerun");
  else if (adopts) draft.settle(row, "adopt", "adopt");
  else draft.settle(row, "create");
}

/** Why nobody is to run it. */
function heldNow(draft: Draft, row: number): string | undefined {
  const block = draft.blocks.of(row, draft.key(row));
  const job = draft.jobs[row];
  return block ? blockText(block) : job && holdFor(job);
}

/** Ended, or not ended, through no fault of the job. */
function isInterrupted({ end }: Attempt): boolean {
  return end === undefined || end.class === "lost" || end.class === "cancelled";
}

/** A job that was tried under this very recipe and has no result. */
function settleAgain(draft: Draft, stage: StageTable, row: number, last: Attempt, failures: number): void {
  const failure = last.end?.class ?? "lost";
  if (failure === "ok") return;
  const detail: Detail = {
    type: "attempt",
    attempt: last.attempt,
    class: failure,
    message: last.end?.message ?? "its worker disappeared",
  };
  const held = heldNow(draft, row);
  if (held !== undefined) return draft.settle(row, "hold", "held", [{ type: "note", text: held }, detail]);
  const spent = failures >= triesOf({ ...last.end, class: failure }, stage.stage.retry);
  if (spent) draft.settle(row, "hold", "attempts_exhausted", [detail]);
  else draft.settle(row, "retry", RETRY[failure], [detail]);
}

/** Bad output is not made again by the same recipe: one try, then a person decides. Interruptions cost nothing. */
export function triesOf(last: { readonly class: AttemptClass; readonly exit?: number }, retry: RetryIR): number {
  if (isInterruption(last.class)) return Infinity;
  if (last.class === "validation") return 1;
  return (last.exit === undefined ? undefined : retry.exits?.[last.exit]) ?? retry.attempts;
}

function allFound(draft: Draft, stage: StageTable, row: number): boolean {
  return stage.outputs.every((column) => draft.observations.output(column.at(row - stage.first)));
}
