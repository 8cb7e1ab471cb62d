// Everything about one job, as a value: why it is as it is, what it reads and makes, what happened, what would change it.
import { type JobTable, jobLine, stageOfRow, type StageTable, upstreamRows } from "../expand/table.ts";
import type { InputIR, ResourcesIR } from "../ir/stage.ts";
import type { Json, Scalar } from "../ir/json.ts";
import type { JobLine } from "../ir/job.ts";
import type { Attempt } from "../state/attempt.ts";
import type { FileFact, OutputFact, Receipt } from "../state/receipt.ts";
import { failuresOf } from "../state/job-state.ts";
import type { State } from "../state/reduce.ts";
import { type VerbSaid, verbsOn } from "../state/verbs.ts";
import type { Word } from "../state/words.ts";
import { Blocks } from "./blocks.ts";
import { keysOf } from "./keys.ts";
import { nextSteps } from "./next-steps.ts";
import { resourcesIn } from "./resources.ts";
import { type CommandSeen, commandSeen, type Whereabouts } from "./shell.ts";
import {
  ACTIONS,
  type Action,
  type Detail,
  type Observations,
  type Plan,
  type Reason,
  REASONS,
  type SeenOutput,
} from "./types.ts";
import { triesOf } from "./verdicts.ts";

export interface Explanation {
  readonly key: string;
  readonly stage: string;
  readonly point: Readonly<Record<string, Scalar>>;
  readonly action: Action;
  readonly reason: Reason;
  readonly details: readonly Detail[];
  readonly params: Json;
  readonly inputs: readonly ExternalSeen[];
  readonly upstream: readonly UpstreamSeen[];
  readonly outputs: readonly OutputSeen[];
  readonly run: { readonly kind: "task"; readonly entry: string } | CommandSeen;
  readonly resources: ResourcesIR;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
  readonly receipt?: Receipt;
  /** Ids of attempts whose results somebody had forgotten. */
  readonly forgotten: readonly string[];
  /** What people said of it, oldest first. */
  readonly said: readonly VerbSaid[];
  /** Present: it is not to be run until somebody says `release`. */
  readonly blocked?: Word;
  readonly retry: { readonly attempts: number; readonly failures: number; readonly left: number };
  /** What to do next; commands are in back quotes. */
  readonly next: readonly string[];
}

export interface ExternalSeen {
  readonly port: string;
  readonly path: string;
  readonly optional: boolean;
  /** Absent: not there. */
  readonly seen?: FileFact;
}

export interface UpstreamSeen {
  readonly port: string;
  readonly stage: string;
  readonly join: "each" | "all" | "quorum";
  readonly jobs: number;
  /** Of a quorum that was gathered: how many of them the result was made from. */
  readonly used?: number;
  /** How many of them have which action; actions nobody has are left out. */
  readonly actions: Partial<Readonly<Record<Action, number>>>;
  /** The first few, those that are in the way before the others. */
  readonly first: readonly { readonly key: string; readonly action: Action; readonly reason: Reason }[];
}

export interface OutputSeen {
  readonly name: string;
  readonly path: string;
  readonly seen?: SeenOutput;
  /** What the receipt vouches for. */
  readonly recorded?: OutputFact;
}

const SHOWN = 3;

/** `where`: makes the shell line one that can be pasted; without it paths stay relative. */
export function explain(
  table: JobTable,
  plan: Plan,
  state: State,
  observations: Observations,
  row: number,
  where?: Whereabouts,
): Explanation {
  const stage = stageOfRow(table, row);
  const index = row - stage.first;
  const line = jobLine(table, stage, index);
  const job = state.jobs.get(plan.moves.get(row)?.from ?? line.key);
  const receipt = job?.receipt;
  const blocked = new Blocks(table, state).of(row, line.key);
  const verdict = verdictOf(plan, row);
  const { run, retry } = stage.stage;
  const failures = job ? failuresOf(job, line.recipe.digest).length : 0;
  const last = job?.attempts.at(-1)?.end;
  const said = last && failures > 0 ? triesOf(last, retry) : retry.attempts;
  // An interruption leaves as many as there were.
  const tries = Number.isFinite(said) ? said : retry.attempts;
  const found = {
    key: line.key,
    stage: line.stage,
    point: line.point,
    ...verdict,
    details: plan.details.get(row) ?? [],
    params: line.params,
    inputs: externals(stage, line, observations),
    upstream: stage.stage.inputs.flatMap((ir, p) =>
      ir.kind === "edge" ? [upstreamSeen(table, plan, ir, upstreamRows(stage.inputs[p]!, index), receipt)] : [],
    ),
    outputs: outputsSeen(line, receipt, observations),
    run: run.kind === "task" ? { kind: "task" as const, entry: run.entry } : commandSeen(stage.stage, line, where),
    resources: resourcesIn(stage)(index),
    attempts: job?.attempts ?? [],
    ...(receipt ? { receipt } : {}),
    forgotten: job?.words?.forgotten ?? [],
    said: verbsOn(state, [line.key, plan.moves.get(row)?.from ?? line.key]),
    ...(blocked ? { blocked } : {}),
    retry: { attempts: retry.attempts, failures, left: Math.max(0, tries - failures) },
  };
  return { ...found, next: nextSteps(found) };
}

function verdictOf(plan: Plan, row: number): { readonly action: Action; readonly reason: Reason } {
  return { action: ACTIONS[plan.action[row]!]!, reason: REASONS[plan.reason[row]!]! };
}

function externals(stage: StageTable, line: JobLine, observations: Observations): ExternalSeen[] {
  return stage.stage.inputs.flatMap((ir) => {
    const input = line.inputs[ir.port]!;
    if (ir.kind === "edge" || input.kind === "edge") return [];
    const paths = input.kind === "file" ? [input.path] : input.paths;
    return paths.map((path) => {
      const fact = observations.input(path);
      // A copy without `sha256`: reading that might hash the file.
      const seen = fact && { path, size: fact.size, mtime: fact.mtime };
      return { port: ir.port, path, optional: ir.optional, ...(seen ? { seen } : {}) };
    });
  });
}

function upstreamSeen(
  table: JobTable,
  plan: Plan,
  ir: InputIR & { kind: "edge" },
  rows: Uint32Array,
  receipt: Receipt | undefined,
): UpstreamSeen {
  const actions: Partial<Record<Action, number>> = {};
  for (const row of rows) {
    const { action } = verdictOf(plan, row);
    actions[action] = (actions[action] ?? 0) + 1;
  }
  const stage = table.stages.find((one) => one.stage.name === ir.from.stage)!;
  const key = keysOf(stage);
  const usedOf = (used: readonly string[], rows: Uint32Array): number => {
    const keys = new Set(used);
    return rows.reduce((count, row) => count + Number(keys.has(key(row - stage.first))), 0);
  };
  const first = [...rows].sort((a, b) => rank(plan, a) - rank(plan, b) || a - b).slice(0, SHOWN);
  return {
    port: ir.port,
    stage: ir.from.stage,
    join: ir.join,
    jobs: rows.length,
    ...(ir.join === "quorum" && receipt?.upstreamUsed ? { used: usedOf(receipt.upstreamUsed, rows) } : {}),
    actions,
    first: first.map((row) => ({ key: key(row - stage.first), ...verdictOf(plan, row) })),
  };
}

/** What is in the way stands before what has to be done, and that before what is done. */
function rank(plan: Plan, row: number): number {
  const { action, reason } = verdictOf(plan, row);
  if (reason === "excluded" || reason === "ramp") return 0;
  return action === "block" || action === "hold" ? 0 : action === "keep" ? 2 : 1;
}

function outputsSeen(line: JobLine, receipt: Receipt | undefined, observations: Observations): OutputSeen[] {
  return Object.entries(line.outputs).map(([name, path]) => {
    const seen = observations.output(path);
    const recorded = receipt?.outputs.find((fact) => fact.name === name);
    return { name, path, ...(seen ? { seen } : {}), ...(recorded ? { recorded } : {}) };
  });
}
