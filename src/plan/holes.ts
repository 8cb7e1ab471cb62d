// Holes in the inputs, counted for people: how many jobs of a stage, or groups where its policy is about groups, lack which input.
import type { StageTable } from "../expand/table.ts";
import { grouped } from "./grouped.ts";
import type { Detail } from "./types.ts";

/** Rows of a stage that lack files of a port, and the first path that is not there. */
export interface Hole {
  readonly rows: Set<number>;
  readonly first: string;
}

/** By port. */
export type Holes = Map<string, Hole>;

export function addHoles(holes: Holes, row: number, missing: readonly Detail[]): void {
  for (const detail of missing) {
    if (detail.type !== "input") continue;
    const hole = holes.get(detail.port);
    if (hole) hole.rows.add(row);
    else holes.set(detail.port, { rows: new Set([row]), first: detail.path });
  }
}

/** `mock: 19 of 100 values of realization lack halos; first: ...`. Policy `fail` refuses the plan and says it there. */
export function holeNotices(
  { stage, count }: StageTable,
  holes: Holes,
  groups: readonly (readonly number[])[],
): string[] {
  const { policy, by } = stage.missingInput;
  if (policy === "fail") return [];
  return [...holes].map(([port, { rows, first }]) => {
    const whole = by.length === 0;
    const lacking = whole ? rows.size : groups.filter((group) => group.some((row) => rows.has(row))).length;
    const all = whole ? count : groups.length;
    const units = whole ? "jobs" : by.length === 1 ? `values of ${by[0]!}` : `combinations of ${by.join(" and ")}`;
    const lack = lacking === 1 ? "lacks" : "lack";
    return `${stage.name}: ${grouped(lacking)} of ${grouped(all)} ${units} ${lack} ${port}; first: ${first}`;
  });
}
