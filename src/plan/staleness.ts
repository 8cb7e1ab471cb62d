// What moved between a plan that was kept and the same plan made again: counted by kind, with an example each. Values, no words (apply/stale-words.ts).
import { waiversOf } from "../state/job-state.ts";
import type { JobState, State } from "../state/reduce.ts";
import { acts, attemptsOf, type FrozenPlan, reliedOn, seenOf } from "./frozen.ts";
import { keysOf } from "./keys.ts";
import { type Cause, CAUSES, causesOf, OTHER_RECIPE, type Subjects, type VerdictOn } from "./stale-cause.ts";
import { ACTIONS, type Observations, type Plan, REASONS } from "./types.ts";

export interface Finding {
  readonly cause: Cause;
  /** Jobs, or paths of inputs and outputs. */
  readonly count: number;
  readonly example: string;
}

export interface Staleness {
  readonly findings: readonly Finding[];
  /** Of the jobs that the plan would run, adopt or move: all, and those that have completed since. */
  readonly planned: number;
  readonly completed: number;
}

/** Nothing moved: the plan would do the same, for the same reasons, to jobs that nobody has touched. */
export function staleness(kept: FrozenPlan, now: Plan, state: State, observations: Observations): Staleness {
  const tally = new Map<Cause, Set<string>>();
  const add = ([cause, subjects]: Subjects) => {
    const known = tally.get(cause) ?? new Set();
    for (const subject of subjects) known.add(subject);
    tally.set(cause, known);
  };
  const attempts = attemptsOf(kept.table, state);
  let [planned, completed] = [0, 0];
  for (const stage of kept.table.stages) {
    const key = keysOf(stage);
    for (let row = stage.first; row < stage.first + stage.count; row++) {
      const acting = acts(kept, row);
      const tried = attempts[row]! > kept.attempts[row]!;
      if (acting) planned += 1;
      if (tried && !acting ? sameVerdict(kept, now, row) : !tried && sameRow(kept, now, row, acting)) continue;
      const name = key(row - stage.first);
      const done =
        tried &&
        !OTHER_RECIPE.has(REASONS[now.reason[row]!]!) &&
        (state.jobs.get(name)?.accepted?.attempt ?? 0) >= kept.attempts[row]!;
      if (acting && done) completed += 1;
      for (const one of done ? [["completed", [name]] as const] : causesOf(name, rowOf(kept, row), rowOf(now, row), { tried, accepted: isAccepted(state.jobs.get(name)) })) add(one); // prettier-ignore
    }
  }
  for (const one of inputCauses(kept, observations)) add(one);
  add(["forgotten", without(kept.forget, now.forget)]);
  add(["stranger", without(now.forget, kept.forget)]);
  const findings = CAUSES.flatMap((cause): Finding[] => {
    const [example] = tally.get(cause) ?? [];
    return example === undefined ? [] : [{ cause, count: tally.get(cause)!.size, example }];
  });
  return { findings, planned, completed };
}

function isAccepted(job: JobState | undefined): boolean {
  return job !== undefined && waiversOf(job).length > 0;
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
  if (!sameVerdict(a, b, row) || !sameValue(a.renamed.get(row), b.renamed.get(row))) return false;
  return (
    !acting || (sameValue(a.details.get(row), b.details.get(row)) && sameValue(a.moves.get(row), b.moves.get(row)))
  );
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function rowOf(plan: Plan, row: number): VerdictOn {
  return {
    action: ACTIONS[plan.action[row]!]!,
    reason: REASONS[plan.reason[row]!]!,
    details: plan.details.get(row) ?? [],
  };
}

/** Files that jobs would read, by what was seen of them: a job that is new is new whatever it reads. */
function* inputCauses(kept: FrozenPlan, { input }: Observations): Iterable<Subjects> {
  const relied = reliedOn(kept);
  for (let i = 0; i < relied.length; i++) {
    const [before, after] = [kept.inputs[i]!, seenOf(input(relied[i]!.path))];
    if (before !== after)
      yield [before === "" ? "input-arrived" : after === "" ? "input-gone" : "input-changed", [relied[i]!.path]];
  }
}
