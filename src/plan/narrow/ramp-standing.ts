// How far a ramp is: the jobs of each step counted, and the first step that is not passed. Asks receipts, attempts and people's releases.
import type { StageTable } from "../../expand/table.ts";
import type { RampIR } from "../../ir/campaign.ts";
import type { GateFact } from "../../state/receipt.ts";
import type { Draft } from "../draft.ts";
import type { RampClosed } from "../types.ts";
import { progressOf } from "./ramp-steps.ts";

/** Of the jobs that a step adds to the one before it. */
export interface StepTally {
  jobs: number;
  finished: number;
  failed: number;
  begun: number;
  /** By gate, in the order of the ramp. */
  readonly gates: Map<string, GateTally>;
}

interface GateTally {
  count: number;
  readonly row: number;
  readonly message: string;
}

/** In the order of the steps. */
export function tallySteps(draft: Draft, ramp: RampIR, of: Uint8Array): StepTally[] {
  const tallies = ramp.steps.map((): StepTally => ({ jobs: 0, finished: 0, failed: 0, begun: 0, gates: new Map() }));
  for (const stage of draft.table.stages) {
    const gates = ramp.gates.filter((name) => stage.stage.gates.some((gate) => gate.name === name));
    for (let row = stage.first; row < stage.first + stage.count; row++) {
      const tally = tallies[of[row]! - 1];
      const progress = progressOf(draft, row);
      if (!tally || progress === undefined) continue;
      tally.jobs += 1;
      if (progress === "begun") tally.begun += 1;
      if (progress !== "finished") continue;
      tally.finished += 1;
      if (draft.action(row) === "hold") tally.failed += 1;
      for (const name of gates) judge(draft, row, name, tally);
    }
  }
  return tallies;
}

/** A job that failed has facts of the gates it reached; one that is done has all of them, or was made before the gate was. */
function judge(draft: Draft, row: number, name: string, tally: StepTally): void {
  const job = draft.jobs[row];
  const failed = draft.action(row) === "hold";
  const facts: readonly GateFact[] = (failed ? job?.last?.end?.gates : job?.receipt?.gates) ?? [];
  const fact = facts.find((one) => one.name === name);
  if (fact?.passed ?? failed) return;
  const known = tally.gates.get(name);
  if (known) known.count += 1;
  else tally.gates.set(name, { count: 1, row, message: fact?.message ?? "its receipt says nothing of it" });
}

/** Why the step after this one is closed; empty: it is open. */
export function closedBecause(draft: Draft, { failureRate, gates }: RampIR, tally: StepTally): RampClosed[] {
  const { jobs, finished, failed } = tally;
  const closed: RampClosed[] = [];
  if (finished < jobs) closed.push({ why: "unfinished", text: `${jobs - finished} not finished` });
  // 1e-9: 0.1 of 30 is 3.
  if (failed > failureRate * finished + 1e-9)
    closed.push({ why: "failures", text: `${failed} failed, more than ${percent(failureRate)}` });
  for (const name of gates) {
    const found = tally.gates.get(name);
    if (!found) continue;
    const more = found.count > 1 ? ` and ${found.count - 1} more` : "";
    closed.push({
      why: "gate",
      gate: name,
      text: `gate ${name} failed (${draft.key(found.row)}: ${found.message}${more})`,
    });
  }
  return closed;
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;

export interface Release {
  readonly at: number;
  readonly user: string;
  readonly reason: string;
}

/**
 * The word of a person that opens the step after one of this size; a word on a larger step counts for the smaller ones before it. It was given on
 * what was seen: it holds as long as, of every such stage that had begun by then, a job still has the recipe it was tried with.
 */
export function releaseOf(draft: Draft, size: number, sources: readonly StageTable[]): Release | undefined {
  return draft.state.verbs
    .flatMap((verb) => (verb.type === "ramp-released" && verb.jobs >= size ? [verb] : []))
    .sort((a, b) => a.at - b.at || (a.reason < b.reason ? -1 : 1))
    .find(({ at }) => {
      const words = sources.map((stage) => evidence(draft, stage, at));
      return words.includes("stands") && !words.includes("gone");
    });
}

/** Undefined: nothing of the stage had begun. */
function evidence(draft: Draft, stage: StageTable, before: number): "stands" | "gone" | undefined {
  let gone = false;
  for (let i = 0; i < stage.count; i++)
    for (const { startedAt, end, recipe } of draft.jobs[stage.first + i]?.attempts ?? []) {
      if ((startedAt ?? end?.at ?? Infinity) > before) continue;
      if (recipe === stage.recipe.digest.at(i)) return "stands";
      gone = true;
    }
  return gone ? "gone" : undefined;
}
