// --canary: one job of every stage that can be reached. Of stages joined element by element those jobs that meet, each the first in plan order
// that is not stuck; of the others the first whose needs are all done or in the canary. A canary that is done counts.
import type { StageTable } from "../../expand/table.ts";
import type { Draft } from "../draft.ts";
import { grouped } from "../grouped.ts";
import { perGroup } from "../per-group.ts";
import { changes, concerns, edgesOf, isDone, type Narrowing, OUT } from "./narrowing.ts";

export const canary: Narrowing = {
  option: "canary",
  given: (policy) => (policy.canary ? "--canary" : undefined),
  leaves(draft) {
    const { chosen, without } = new Choice(draft);
    const marks = new Uint8Array(draft.table.count);
    for (const stage of draft.table.stages)
      for (let row = stage.first; row < stage.first + stage.count; row++)
        // Where no job can be the canary, those that are stuck say why.
        if (!chosen.has(row) && (without.has(stage) ? changes(draft, row) : concerns(draft, row))) marks[row] = OUT;
    return { marks, note: noteOf(draft, [...chosen]) };
  },
};

class Choice {
  readonly chosen = new Set<number>();
  /** Element-wise stages in which every job is stuck. */
  readonly without = new Set<StageTable>();
  private readonly able: Uint8Array;
  private readonly pick = new Map<StageTable, number>();

  constructor(private readonly draft: Draft) {
    const { stages, count } = draft.table;
    this.able = new Uint8Array(count);
    const elementWise = elementWiseStages(stages);
    for (const stage of stages) if (elementWise.has(stage)) this.findAble(stage);
    for (const stage of this.inOrder([...elementWise])) this.chooseMeeting(stage);
    for (const stage of stages) if (!elementWise.has(stage)) this.chooseFed(stage);
  }

  /** Not stuck, not left out before, and nothing it needs is. */
  private findAble(stage: StageTable): void {
    const needs = needsIn(stage);
    const fed = (index: number) => needs.every((upstream) => this.able[upstream[index]!] === 1);
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      if (!this.draft.stuck(row) && this.draft.leftOut[row] !== 1 && fed(i)) this.able[row] = 1;
    }
  }

  /** Ends of chains first, because a job there brings those it needs with it; of them the one with the fewest jobs, because it has the least choice. */
  private inOrder(stages: readonly StageTable[]): StageTable[] {
    const needed = new Set(stages.flatMap((stage) => edgesOf(stage).map(({ ir }) => ir.from.stage)));
    const able = (stage: StageTable) => this.able.subarray(stage.first, stage.first + stage.count).reduce((a, b) => a + b, 0); // prettier-ignore
    const backwards = stages.toReversed();
    const ends = backwards.filter((stage) => !needed.has(stage.stage.name)).map((stage) => ({ stage, jobs: able(stage) })); // prettier-ignore
    return [...ends.sort((a, b) => a.jobs - b.jobs).map(({ stage }) => stage), ...backwards];
  }

  private chooseMeeting(stage: StageTable): void {
    if (this.pick.has(stage)) return;
    const row = this.first(stage, (one) => this.meets(one)) ?? this.first(stage, () => true);
    if (row === undefined) this.without.add(stage);
    else this.choose(row);
  }

  private first(stage: StageTable, fits: (row: number) => boolean): number | undefined {
    for (let row = stage.first; row < stage.first + stage.count; row++)
      if (this.able[row] === 1 && fits(row)) return row;
    return undefined;
  }

  /** What it needs is what was chosen of those stages. */
  private meets(row: number): boolean {
    const stage = this.draft.stageOf(row);
    return (this.pick.get(stage) ?? row) === row && needsOf(stage, row - stage.first).every((need) => this.meets(need));
  }

  private choose(row: number): void {
    if (this.chosen.has(row)) return;
    const stage = this.draft.stageOf(row);
    if (!this.pick.has(stage)) this.pick.set(stage, row);
    this.chosen.add(row);
    for (const upstream of needsOf(stage, row - stage.first)) this.choose(upstream);
  }

  /** The first job of a stage with fan-ins whose needs are done or chosen. Members of a quorum that are stuck will not come. */
  private chooseFed(stage: StageTable): void {
    const { draft, chosen } = this;
    const there = (row: number) => isDone(draft, row) || chosen.has(row);
    const ports = edgesOf(stage).map(({ ir, column }) =>
      perGroup(column, (rows) => rows.every((row) => there(row) || (ir.join === "quorum" && draft.stuck(row)))),
    );
    for (let i = 0; i < stage.count; i++) {
      const row = stage.first + i;
      if (draft.stuck(row) || draft.leftOut[row] === 1 || !ports.every((ask) => ask(i))) continue;
      chosen.add(row);
      return;
    }
  }
}

/** Stages that take, all the way up, only `each`. */
function elementWiseStages(stages: readonly StageTable[]): ReadonlySet<StageTable> {
  const found = new Set<StageTable>();
  const names = new Set<string>();
  for (const stage of stages)
    if (edgesOf(stage).every(({ ir }) => ir.join === "each" && names.has(ir.from.stage))) {
      found.add(stage);
      names.add(stage.stage.name);
    }
  return found;
}

/** Of a stage that takes only `each`: by input, the upstream row of every job. */
function needsIn(stage: StageTable): readonly Uint32Array[] {
  return edgesOf(stage).flatMap(({ column }) => (column.kind === "each" ? [column.row] : []));
}

function needsOf(stage: StageTable, index: number): number[] {
  return needsIn(stage).map((upstream) => upstream[index]!);
}

const NAMED = 5;

function noteOf(draft: Draft, chosen: readonly number[]): string {
  if (chosen.length === 0) return "No job can be the canary: all are blocked, held or left out.";
  const due = chosen.filter((row) => changes(draft, row)).sort((a, b) => a - b);
  const jobs = chosen.length === 1 ? "1 job" : `${grouped(chosen.length)} jobs`;
  if (chosen.every((row) => isDone(draft, row)))
    return `The canary is complete: ${jobs}, one a stage that can be reached.`;
  if (due.length === 0) return `The canary of ${jobs} is under way; nothing of it is to be started.`;
  const more = due.length > NAMED ? ` and ${grouped(due.length - NAMED)} more` : "";
  return `The canary: ${due
    .slice(0, NAMED)
    .map((row) => draft.key(row))
    .join(", ")}${more}.`;
}
