// Small tables and events for the tests of state/ and insight/. Everything is plain data; nothing here touches a disk but `temporaryRoot`.
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DigestColumn, TextColumn } from "../../../src/expand/column.ts";
import type { InputColumn, JobTable, StageTable } from "../../../src/expand/table.ts";
import { pointOf } from "../../../src/expand/table.ts";
import type { CampaignIR, InputIR, StageIR } from "../../../src/ir/campaign.ts";
import { canonicalJson, digest128 } from "../../../src/ir/canonical.ts";
import { jobKey } from "../../../src/ir/key.ts";
import type { Scalar } from "../../../src/ir/json.ts";
import type { AttemptClass, Event, EventOf, Receipt } from "../../../src/state/events.ts";
import { emptyState, reduce, type State } from "../../../src/state/reduce.ts";

export function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "cmc-state-"));
  mkdirSync(join(root, "metadata"));
  return root;
}

export function fold(events: Iterable<Event>): State {
  const state = emptyState();
  for (const event of events) reduce(state, event);
  return state;
}

export function recipeDigest(key: string, version = 1): string {
  return digest128(`recipe ${key} ${version}`);
}

export interface Tried {
  readonly attempt?: number;
  readonly id?: string;
  readonly at?: number;
  readonly version?: number;
  readonly seconds?: number;
  readonly metrics?: Receipt["metrics"];
  readonly gates?: Receipt["gates"];
}

const START = Date.UTC(2026, 10, 20, 12, 0, 0);

export function started(key: string, tried: Tried = {}): EventOf<"attempt-started"> {
  const { attempt = 1, id = `${key}#${attempt}`, at = START, version } = tried;
  const recipe = recipeDigest(key, version);
  return { type: "attempt-started", at, key, attempt, attemptId: id, recipe, host: "node7", pid: 4711, batch: "mock-0000" };
}

export function finished(key: string, how: AttemptClass, tried: Tried = {}, more: Partial<EventOf<"attempt-finished">> = {}): EventOf<"attempt-finished"> {
  const { attempt = 1, id = `${key}#${attempt}`, at = START + 5000, seconds = 4 } = tried;
  return {
    type: "attempt-finished", at, key, attempt, attemptId: id, class: how, message: how === "ok" ? "done" : `it ended with ${how}`,
    phases: [{ name: "stage", seconds: 0.5 }, { name: "run", seconds }], peakMemory: 1000, log: { file: "logs/w0.log", from: 0, to: 10 },
    ...(how === "ok" ? { receipt: receipt(key, tried) } : {}), ...more,
  }; // prettier-ignore
}

export function receipt(key: string, { version = 1, metrics = [], gates = [] }: Tried = {}): Receipt {
  const digest = recipeDigest(key, version);
  return {
    recipe: { params: digest, code: digest128("code"), inputs: digest, environment: digest128("env"), upstream: digest, digest },
    params: { version },
    inputs: [],
    outputs: [{ name: "catalog", path: `${key}.h5`, size: 100, mtime: "1700000000.5" }],
    metrics,
    gates,
    checksPassed: 3,
  };
}

export interface StageSpec {
  readonly name: string;
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  /** Takes everything of that stage (`all`), or the job of the same point (`each`). */
  readonly from?: { readonly stage: string; readonly join: "each" | "all" };
  readonly attempts?: number;
}

/** A table as expand/ makes it, with recipes of `recipeDigest`. */
export function tableOf(specs: readonly StageSpec[]): JobTable {
  const stages: StageTable[] = [];
  let first = 0;
  for (const spec of specs) {
    const stage = stageOf(spec, first, stages);
    stages.push(stage);
    first += stage.count;
  }
  const campaign = { name: "toy", version: "v1", description: "a toy", stages: stages.map((s) => s.stage) } as unknown as CampaignIR;
  return { campaign, stages, count: first };
}

function stageOf(spec: StageSpec, first: number, before: readonly StageTable[]): StageTable {
  const axes = Object.entries(spec.axes).map(([name, values]) => ({ name, values }));
  const count = axes.reduce((product, axis) => product * axis.values.length, 1);
  let block = count;
  const coords = axes.map(({ values }) => {
    block /= values.length;
    return Uint32Array.from({ length: count }, (_, i) => Math.floor(i / block) % values.length);
  });
  const upstream = before.find((s) => s.stage.name === spec.from?.stage);
  const inputs: InputIR[] = spec.from
    ? [{ kind: "edge", port: "in", from: { stage: spec.from.stage, output: "catalog" }, join: spec.from.join, over: [] }]
    : [];
  const stage = {
    name: spec.name, description: "", tags: [], axes, inputs, outputs: [{ kind: "file", name: "catalog" }], run: { kind: "command", env: {}, okExits: [0] },
    code: { digest: digest128("code"), sources: [] }, environment: {}, resources: {}, gates: [], missingInput: { policy: "element", by: [] },
    retry: { attempts: spec.attempts ?? 1, backoff: { initial: 0, factor: 1, max: 0 }, escalate: {} }, definedAt: { file: "campaign.ts", line: 1 },
  } as StageIR; // prettier-ignore
  const table: StageTable = {
    stage, first, count, coords, params: TextColumn.create(count), outputs: [TextColumn.create(count)],
    inputs: upstream ? [edge(spec.from!.join, upstream, count)] : [],
    recipe: {
      params: DigestColumn.create(count), inputs: DigestColumn.create(count), upstream: DigestColumn.create(count), digest: DigestColumn.create(count),
      code: digest128("code"), environment: digest128("env"),
    },
  }; // prettier-ignore
  for (let i = 0; i < count; i++) {
    const key = jobKey(spec.name, pointOf(table, i));
    table.params.push(canonicalJson({ seed: i }));
    table.outputs[0]!.push(`${key}.h5`);
    table.recipe.digest.set(i, recipeDigest(key));
  }
  return table;
}

function edge(join: "each" | "all", upstream: StageTable, count: number): InputColumn {
  if (join === "each") return { kind: "each", row: Uint32Array.from({ length: count }, (_, i) => upstream.first + i) };
  const members = Uint32Array.from({ length: upstream.count }, (_, i) => upstream.first + i);
  return { kind: "group", group: new Uint32Array(count), starts: Uint32Array.of(0, upstream.count), members };
}
