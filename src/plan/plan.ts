// The plan, as a page: each pass says one thing about the jobs of a stage, and the order of passes is the order of reasons.
// Pure: same table, state, observations and policy give the same plan, byte for byte.
import type { JobTable } from "../expand/table.ts";
import type { State } from "../state/reduce.ts";
import { arrivals } from "./arrivals.ts";
import { batchesOf } from "./batches.ts";
import { Draft } from "./draft.ts";
import { outputDrift } from "./drift.ts";
import { externalInputs } from "./external.ts";
import { leftBehind } from "./forget.ts";
import { doubts } from "./doubts.ts";
import { freshness } from "./freshness.ts";
import { gathered } from "./gathered.ts";
import { generations } from "./generations.ts";
import { lineage } from "./lineage.ts";
import { missingInputs } from "./missing.ts";
import { narrow } from "./narrow/narrow.ts";
import { nodeVersions } from "./node-version.ts";
import { readiness } from "./readiness.ts";
import { recall } from "./recall.ts";
import { requests } from "./requests.ts";
import { summarize } from "./summary.ts";
import type { Observations, Plan, PlannedMove, Policy } from "./types.ts";
import { verdicts } from "./verdicts.ts";

const PASSES = [
  generations,
  // Grounds to run again: the first is the reason, all are shown.
  freshness, // params_changed, code_changed, env_changed
  nodeVersions, // env_changed
  externalInputs, // input_changed
  gathered, // upstream_changed
  lineage, // upstream_changed
  outputDrift, // output_missing, output_changed
  doubts, // output_invalid
  requests, // requested
  // Verdicts.
  verdicts, // keep, create, adopt, rerun, retry, hold, wait
  readiness, // upstream_failed, upstream_incomplete, quorum_short
  missingInputs, // missing_input, group_incomplete, quorum_short
  arrivals,
] as const;

/** Verdicts decide: a result that is made again is moved nowhere. */
function movesOf(draft: Draft): ReadonlyMap<number, PlannedMove> {
  return new Map([...draft.planned].filter(([row]) => draft.action(row) === "move"));
}

export function plan(table: JobTable, state: State, observations: Observations, policy: Policy): Plan {
  const draft = new Draft(table, state, observations, policy);
  // Stages stand in topological order: a pass may read the verdicts of every stage upstream.
  table.stages.forEach((declared, position) => {
    recall(draft, declared); // new, found
    const stage = draft.open(position);
    for (const pass of PASSES) pass(draft, stage);
    draft.close(stage);
  });
  narrow(draft);
  const forget = policy.adoptOnly ? [] : leftBehind(draft);
  return {
    table: draft.table,
    action: draft.actions,
    reason: draft.reasons,
    details: draft.details,
    forget,
    batches: batchesOf(draft),
    moves: movesOf(draft),
    renamed: draft.renamed,
    summary: summarize(draft, forget),
    partial: draft.partial,
  };
}
