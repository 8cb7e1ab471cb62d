// Small tables and events for the tests of state/ and insight/. Everything is plain data; nothing here touches a disk but `temporaryRoot`.
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JobTable, keyOf } from "../../../src/expand/table.ts";
import { digest128 } from "../../../src/ir/canonical.ts";
import type { AttemptClass, Event, EventOf } from "../../../src/state/events.ts";
import type { Receipt } from "../../../src/state/receipt.ts";
import { emptyState, reduce, type State } from "../../../src/state/reduce.ts";
import { buildTable, type StageSpec } from "../../helpers/table.ts";

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
  return {
    type: "attempt-started",
    at,
    key,
    attempt,
    attemptId: id,
    recipe,
    host: "node7",
    pid: 4711,
    batch: "mock-0000",
  };
}

export function finished(
  key: string,
  how: AttemptClass,
  tried: Tried = {},
  more: Partial<EventOf<"attempt-finished">> = {},
): EventOf<"attempt-finished"> {
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
    recipe: {
      params: digest,
      code: digest128("code"),
      inputs: digest,
      environment: digest128("env"),
      upstream: digest,
      digest,
    },
    params: { version },
    inputs: [],
    outputs: [{ name: "catalog", path: `${key}.h5`, size: 100, mtime: "1700000000.5" }],
    metrics,
    gates,
    checksPassed: 3,
  };
}

/** As buildTable makes it, with recipes that `started` and `finished` know by the job's key. */
export function tableOf(specs: readonly StageSpec[]): JobTable {
  const table = buildTable(specs, { name: "toy", description: "a toy" });
  for (const stage of table.stages)
    for (let i = 0; i < stage.count; i++) stage.recipe.digest.set(i, recipeDigest(keyOf(stage, i)));
  return table;
}
