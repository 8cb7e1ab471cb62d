// Groups: jobs of a stage with the same action and reason, counted. What a plan of a million jobs is read by.
import type { JobTable, StageTable } from "../expand/table.ts";
import { keysOf } from "./keys.ts";
import { MatrixPart } from "./range.ts";
import { ACTIONS, type Detail, type PlanGroup, REASONS } from "./types.ts";

export interface Verdicts {
  readonly table: JobTable;
  readonly action: Uint8Array;
  readonly reason: Uint8Array;
  readonly details: ReadonlyMap<number, readonly Detail[]>;
}

/** Of all rows, or of those a filter takes. In order of stages, actions and reasons. */
export function groupsOf(verdicts: Verdicts, wanted?: (row: number) => boolean): PlanGroup[] {
  return verdicts.table.stages.flatMap((stage) => stageGroups(verdicts, stage, wanted));
}

interface Tally {
  readonly part: MatrixPart;
  readonly first: number;
  readonly detail: Detail | undefined;
  count: number;
  sharing: number;
}

function stageGroups(
  { action, reason, details }: Verdicts,
  stage: StageTable,
  wanted?: (row: number) => boolean,
): PlanGroup[] {
  const tallies = new Map<number, Tally>();
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    if (wanted && !wanted(row)) continue;
    const code = action[row]! * 256 + reason[row]!;
    const detail = details.get(row)?.[0];
    let tally = tallies.get(code);
    if (!tally) tallies.set(code, (tally = { part: new MatrixPart(stage), first: row, detail, count: 0, sharing: 0 }));
    tally.count += 1;
    tally.part.add(i);
    if (detail && tally.detail && sameDetail(detail, tally.detail)) tally.sharing += 1;
  }
  const key = keysOf(stage);
  return [...tallies]
    .sort(([a], [b]) => a - b)
    .map(([code, { part, first, detail, count, sharing }]) => ({
      stage: stage.stage.name,
      action: ACTIONS[code >> 8]!,
      reason: REASONS[code & 255]!,
      count,
      range: part.text(),
      example: key(first - stage.first),
      ...(detail ? { detail, sharing, ...changedFiles(details.get(first)!) } : {}),
    }));
}

/** Of a code change: what the entry is made of and now differs. */
function changedFiles([head, ...rest]: readonly Detail[]): { readonly files?: readonly string[] } {
  if (head?.type !== "field" || head.field !== "code") return {};
  const files = rest.flatMap((detail) => (detail.type === "field" && detail.field === "code" ? [detail.path] : []));
  return files.length > 0 ? { files } : {};
}

/** Most rows of a group share the very object. */
function sameDetail(a: Detail, b: Detail): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
