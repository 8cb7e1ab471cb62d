// What moved between a plan that was kept and the same plan made again: row by row, by what somebody must have done meanwhile. Values, no words.
import { attemptsOf, acts, type FrozenPlan, keyAt, reliedOn, seenOf } from "./frozen.ts";
import type { State } from "../state/reduce.ts";
import { ACTIONS, type Action, type Detail, type Observations, type Plan, type Reason, REASONS } from "./types.ts";

/** In the order they are told. */
export const MOVES = [
  "completed", "failed", "interrupted", "taken", "held", "released",
  "input-changed", "input-gone", "input-arrived",
  "output-gone", "output-changed", "output-back", "found",
  "other-recipe", "receipt-gone", "forgotten", "stranger",
  "follows", "otherwise",
] as const; // prettier-ignore
export type Move = (typeof MOVES)[number];

export interface Moved {
  readonly move: Move;
  /** Jobs, or paths of inputs and outputs. */
  readonly count: number;
  readonly example: string;
}

export interface Comparison {
  readonly moved: readonly Moved[];
  /** Of the jobs that the plan would run or adopt: all, and those that have completed since. */
  readonly planned: number;
  readonly completed: number;
}

interface Row {
  readonly action: Action;
  readonly reason: Reason;
  readonly details: readonly Detail[];
}

type Subjects = readonly [move: Move, subjects: readonly string[]];

/** Nothing moved: the plan would do the same, for the same reasons, to jobs that nobody has touched. */
export function compare(kept: FrozenPlan, now: Plan, state: State, observations: Observations): Comparison {
  const tally = new Map<Move, Set<string>>();
  const add = ([move, subjects]: Subjects) => {
    const known = tally.get(move) ?? new Set();
    for (const subject of subjects) known.add(subject);
    tally.set(move, known);
  };
  const attempts = attemptsOf(kept.table, state);
  let [planned, completed] = [0, 0];
  for (let row = 0; row < kept.table.count; row++) {
    const acting = acts(kept, row);
    const tried = attempts[row]! > kept.attempts[row]!;
    if (acting) planned += 1;
    if (!tried && sameRow(kept, now, row, acting)) continue;
    if (tried && !acting && sameVerdict(kept, now, row)) continue;
    const key = keyAt(kept.table, row);
    const done = tried && (state.jobs.get(key)?.accepted?.attempt ?? 0) >= kept.attempts[row]!;
    if (acting && done) completed += 1;
    add(done ? ["completed", [key]] : moveOf(key, rowOf(kept, row), rowOf(now, row), tried));
  }
  for (const one of inputMoves(kept, observations)) add(one);
  add(["forgotten", without(kept.forget, now.forget)]);
  add(["stranger", without(now.forget, kept.forget)]);
  const moved = MOVES.flatMap((move): Moved[] => {
    const [example] = tally.get(move) ?? [];
    return example === undefined ? [] : [{ move, count: tally.get(move)!.size, example }];
  });
  return { moved, planned, completed };
}

function without(keys: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return keys.filter((key) => !known.has(key));
}

/** The same jobs in the same batches. */
export function sameBatches(a: Plan, b: Plan): boolean {
  return (
    a.batches.length === b.batches.length &&
    a.batches.every(({ id, rows }, i) => b.batches[i]!.id === id && rows.every((row, j) => b.batches[i]!.rows[j] === row) && rows.length === b.batches[i]!.rows.length)
  ); // prettier-ignore
}

function sameVerdict(a: Plan, b: Plan, row: number): boolean {
  return a.action[row] === b.action[row] && a.reason[row] === b.reason[row];
}

/** What is left alone needs the same reason; what is run, the same grounds in full. */
function sameRow(a: Plan, b: Plan, row: number, acting: boolean): boolean {
  if (!sameVerdict(a, b, row)) return false;
  return !acting || JSON.stringify(a.details.get(row) ?? []) === JSON.stringify(b.details.get(row) ?? []);
}

function rowOf(plan: Plan, row: number): Row {
  return {
    action: ACTIONS[plan.action[row]!]!,
    reason: REASONS[plan.reason[row]!]!,
    details: plan.details.get(row) ?? [],
  };
}

const INTERRUPTED: ReadonlySet<Reason> = new Set<Reason>(["retry_lost", "retry_cancelled", "retry_checkpoint", "retry_node_fail", "retry_preempted"]); // prettier-ignore

/** Of a job without a new result. `tried`: there was an attempt. */
function moveOf(key: string, kept: Row, now: Row, tried: boolean): Subjects {
  if (kept.reason === "excluded" || now.reason === "excluded") return ["follows", [key]];
  switch (now.action) {
    case "keep":
      return restored(key, kept);
    case "wait":
      return ["taken", [key]];
    case "hold":
      if (now.reason === "unresolved") return ["taken", [key]];
      return [now.reason === "attempts_exhausted" ? "failed" : "held", [key]];
    case "retry":
      if (kept.action === "hold") return ["released", [key]];
      return [INTERRUPTED.has(now.reason) ? "interrupted" : "failed", [key]];
    case "block":
      return now.reason === "missing_input"
        ? ["input-gone", pathsIn(now, "input", "missing", key)]
        : ["follows", [key]];
    default:
      return tried ? ["other-recipe", [key]] : runs(key, kept, now);
  }
}

/** To be run, or adopted, and was not, or not for this cause. */
function runs(key: string, kept: Row, now: Row): Subjects {
  if (kept.action === "hold") return ["released", [key]];
  if (kept.action === "block")
    return kept.reason === "missing_input" ? ["input-arrived", pathsIn(kept, "input", "missing", key)] : ["follows", [key]]; // prettier-ignore
  switch (now.reason) {
    case "input_changed":
      return ["input-changed", pathsIn(now, "input", undefined, key)];
    case "output_missing":
      return ["output-gone", pathsIn(now, "output", "missing", key)];
    case "output_changed":
      return ["output-changed", pathsIn(now, "output", undefined, key)];
    case "upstream_changed":
      return ["follows", [key]];
    case "params_changed":
    case "code_changed":
    case "env_changed":
      return ["other-recipe", [key]];
    case "adopt":
      return ["found", foundIn(now, key)];
    case "new":
      if (kept.action === "create" || kept.action === "adopt") return ["found", foundIn(now, key)];
      return kept.action === "keep" || kept.action === "rerun" ? ["receipt-gone", [key]] : ["otherwise", [key]];
    default:
      return ["otherwise", [key]];
  }
}

/** Complete without a new result: what was wrong on disk has been put right. */
function restored(key: string, kept: Row): Subjects {
  if (kept.reason === "output_missing" || kept.reason === "output_changed")
    return ["output-back", pathsIn(kept, "output", undefined, key)];
  if (kept.reason === "input_changed") return ["input-changed", pathsIn(kept, "input", undefined, key)];
  if (kept.reason === "upstream_changed") return ["follows", [key]];
  return kept.action === "wait" ? ["completed", [key]] : ["otherwise", [key]];
}

function pathsIn({ details }: Row, type: "input" | "output", what: string | undefined, key: string): string[] {
  const paths = details.flatMap((detail) =>
    detail.type === type && (what === undefined || detail.what === what) ? [detail.path] : [],
  );
  return paths.length > 0 ? paths : [key];
}

function foundIn({ details }: Row, key: string): readonly string[] {
  const paths = details.flatMap((detail) => (detail.type === "found" ? detail.paths : []));
  return paths.length > 0 ? paths : [key];
}

/** Files that jobs would read, by what was seen of them: a job that is new is new whatever it reads. */
function* inputMoves(kept: FrozenPlan, { input }: Observations): Iterable<Subjects> {
  const relied = reliedOn(kept);
  for (let i = 0; i < relied.length; i++) {
    const [before, after] = [kept.inputs[i]!, seenOf(input(relied[i]!.path))];
    if (before !== after)
      yield [before === "" ? "input-arrived" : after === "" ? "input-gone" : "input-changed", [relied[i]!.path]];
  }
}
