// Pass 8: upstream jobs that will have no result block what needs them; a quorum needs its share. Complete jobs stay complete.
import type { StageTable } from "../expand/table.ts";
import type { InputIR } from "../ir/stage.ts";
import type { Draft } from "./draft.ts";
import { perGroup } from "./per-group.ts";
import type { Detail, Reason } from "./types.ts";

const NAMED = 3;

interface Verdict {
  readonly reason: Reason;
  readonly details: readonly Detail[];
}

export function readiness(draft: Draft, stage: StageTable): void {
  const ports = stage.stage.inputs.flatMap((ir, p) =>
    ir.kind === "edge" ? [perGroup(stage.inputs[p]!, (rows) => judge(draft, ir, rows))] : [],
  );
  if (ports.length === 0) return;
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    if (!draft.runs(row)) continue;
    const verdicts = ports.flatMap((ask) => ask(i) ?? []);
    if (verdicts.length === 0) continue;
    const worst = verdicts.find((verdict) => verdict.reason === "upstream_failed") ?? verdicts[0]!;
    draft.settle(
      row,
      "block",
      worst.reason,
      [worst, ...verdicts.filter((v) => v !== worst)].flatMap((v) => v.details),
    );
  }
}

/** Undefined: nothing stands in the way. */
function judge(draft: Draft, ir: InputIR & { kind: "edge" }, rows: Uint32Array): Verdict | undefined {
  const stuck = rows.filter((row) => draft.stuck(row));
  const present = rows.length - stuck.length;
  const needed = ir.join === "quorum" ? shareOf(ir.fraction ?? 1, rows.length) : rows.length;
  if (present >= needed) return undefined;
  const failed = stuck.find((row) => hasFailed(draft, row));
  const first = failed ?? stuck[0]!;
  const named = [first, ...stuck.filter((row) => row !== first)].slice(0, NAMED);
  const upstream = named.map((row): Detail => ({ type: "upstream", key: draft.key(row), why: draft.reason(row)! }));
  const group: Detail = {
    type: "group",
    label: `${ir.port}: ${ir.from.stage}`,
    present,
    expected: rows.length,
    needed,
  };
  if (ir.join === "quorum") return { reason: "quorum_short", details: [group, ...upstream] };
  return {
    reason: failed === undefined ? "upstream_incomplete" : "upstream_failed",
    details: rows.length > 1 ? [...upstream, group] : upstream,
  };
}

/** It failed, or waits for one that did. */
function hasFailed(draft: Draft, row: number): boolean {
  return draft.action(row) === "hold" || draft.reason(row) === "upstream_failed";
}

/** Least whole number that is at least this share; 0.1 x 30 is 3, not 3.0000000000000004. */
export function shareOf(fraction: number, count: number): number {
  return Math.ceil(Number((fraction * count).toPrecision(12)));
}
