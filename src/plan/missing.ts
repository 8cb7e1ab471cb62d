// Pass 9: missing external inputs, and what their absence means to the jobs beside them: element, group, quorum or fail.
import type { StageTable } from "../expand/table.ts";
import { keyValue } from "../ir/key.ts";
import type { Draft } from "./draft.ts";
import { externalPorts, portPaths } from "./external.ts";
import { addHoles, holeNotices, type Holes } from "./holes.ts";
import { shareOf } from "./readiness.ts";
import type { Detail } from "./types.ts";

export function missingInputs(draft: Draft, stage: StageTable): void {
  const holes: Holes = new Map();
  const ports = externalPorts(stage).filter((port) => !port.ir.optional);
  for (let i = 0; i < stage.count && ports.length > 0; i++) {
    const row = stage.first + i;
    if (!awaited(draft, row)) continue;
    const details = ports.flatMap((port) =>
      portPaths(port, i)
        .filter((path) => !draft.observations.input(path))
        .map((path): Detail => ({ type: "input", port: port.ir.port, path, what: "missing" })),
    );
    if (details.length === 0) continue;
    draft.settle(row, "block", "missing_input", details);
    addHoles(holes, row, details);
  }
  const { policy, by } = stage.stage.missingInput;
  const groups = policy === "group" || policy === "quorum" ? [...groupsOf(stage, by)] : [];
  judgeGroups(draft, stage, groups);
  const rowsOf = groups.map(({ rows }) => rows);
  draft.holes.push(...holeNotices(stage, holes, rowsOf));
}

/** Would run, or be taken over, or is blocked for another cause. */
function awaited(draft: Draft, row: number): boolean {
  return draft.runs(row) || draft.action(row) === "block" || draft.action(row) === "hold";
}

/** A blocked job is a hole in its group, whether a file or an upstream job is missing. */
function judgeGroups(draft: Draft, stage: StageTable, groups: readonly Group[]): void {
  const { policy, fraction } = stage.stage.missingInput;
  for (const { label, rows } of groups) {
    const present = rows.filter((row) => draft.action(row) !== "block").length;
    const needed = policy === "group" ? rows.length : shareOf(fraction ?? 1, rows.length);
    if (present >= needed) continue;
    const detail: Detail = { type: "group", label, present, expected: rows.length, needed };
    for (const row of rows)
      if (draft.runs(row))
        draft.settle(row, "block", policy === "group" ? "group_incomplete" : "quorum_short", [detail]);
      else if (draft.action(row) === "block") draft.note(row, [detail]);
  }
}

interface Group {
  /** `realization=17`. */
  readonly label: string;
  readonly rows: readonly number[];
}

/** In order of their first rows. */
export function groupsOf(stage: StageTable, by: readonly string[]): Iterable<Group> {
  const axes = stage.stage.axes.flatMap((axis, a) =>
    by.includes(axis.name) ? [{ axis, coords: stage.coords[a]! }] : [],
  );
  const groups = new Map<string, { label: string; rows: number[] }>();
  for (let i = 0; i < stage.count; i++) {
    const label = axes.map(({ axis, coords }) => `${axis.name}=${keyValue(axis.values[coords[i]!]!)}`).join(", ");
    const group = groups.get(label);
    if (group) group.rows.push(stage.first + i);
    else groups.set(label, { label, rows: [stage.first + i] });
  }
  return groups.values();
}
