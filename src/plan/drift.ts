// Pass 5: outputs on disk against the receipt. Only what a receipt vouches for is looked at.
import type { StageTable } from "../expand/table.ts";
import type { OutputFact, Receipt } from "../state/receipt.ts";
import { asVerified } from "../state/verification.ts";
import type { Draft } from "./draft.ts";
import { placeOf, relocation } from "./relocate.ts";
import { sameTime } from "./time.ts";
import type { Detail, PlannedRename, SeenOutput } from "./types.ts";

type OutputDetail = Extract<Detail, { type: "output" }>;
/** An output that is not what its receipt says. */
export type Drift = OutputDetail & { readonly what: Exclude<OutputDetail["what"], "moved"> };

export function outputDrift(draft: Draft, stage: StageTable): void {
  const names = stage.stage.outputs.map((output) => output.name);
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const receipt = draft.jobs[row]?.receipt;
    if (!receipt) continue;
    if (!draft.moves && isAsReceipted(draft, stage, i, receipt)) continue;
    const verified = draft.state.verified.get(draft.jobs[row]!.accepted!.attemptId);
    const missing: Detail[] = [];
    const changed: Detail[] = [];
    const moved: PlannedRename[] = [];
    for (let o = 0; o < names.length; o++) {
      const name = names[o]!;
      const path = stage.outputs[o]!.at(i);
      const { fact: before, free } = placeOf(draft, stage, row, receipt, o);
      if (free && before) {
        const how = before.path === path ? "there" : relocation(draft, before, path, verified);
        if (how === "occupied") draft.occupied.set(row, path);
        if (before.path !== path || before.name !== name)
          moved.push({ name, was: before.name, from: before.path, to: path });
        if (before.path !== path && how !== "lost") continue;
      }
      const now = draft.observations.output(path);
      if (!now)
        missing.push({
          type: "output",
          name,
          path,
          what: "missing",
          ...(before && before.path !== path ? { old: before.path } : {}),
        });
      else if (!before) missing.push({ type: "output", name, path, what: "missing", new: "not in the receipt" });
      else changed.push(...outputChanges(name, path, asVerified(before, verified, now.mtime), now));
    }
    if (missing.length > 0) draft.ground(row, "output_missing", missing);
    if (changed.length > 0) draft.ground(row, "output_changed", changed);
    const from = draft.movedFrom.get(row);
    if (from !== undefined || moved.length > 0) draft.planned.set(row, { from: from ?? draft.key(row), outputs: moved, stands: draft.recipes?.renamed(stage, i) ?? {} }); // prettier-ignore
  }
}

/** Of nearly every result: each output there, with size and time as recorded. Makes nothing that would have to be thrown away. */
function isAsReceipted(draft: Draft, stage: StageTable, index: number, { outputs }: Receipt): boolean {
  for (let o = 0; o < stage.outputs.length; o++) {
    const fact = outputs[o];
    if (fact?.name !== stage.stage.outputs[o]!.name) return false;
    const now = draft.observations.output(stage.outputs[o]!.at(index));
    if (now?.size !== fact.size || now.files !== fact.files || !sameTime(fact.mtime, now.mtime)) return false;
  }
  return true;
}

/** At most one: a file of another size has another time, too. */
export function outputChanges(name: string, path: string, before: OutputFact, now: SeenOutput): Drift[] {
  const head = { type: "output", name, path } as const;
  if (before.files !== undefined && now.files !== undefined && before.files !== now.files)
    return [{ ...head, what: "files", old: String(before.files), new: String(now.files) }];
  if (before.size !== now.size) return [{ ...head, what: "size", old: String(before.size), new: String(now.size) }];
  if (!sameTime(before.mtime, now.mtime)) return [{ ...head, what: "mtime", old: before.mtime, new: now.mtime }];
  return [];
}
