// Where the outputs of a result are, and where they are to be: they differ where a job was renamed, or a `moved` entry speaks of the output. Pure.
import type { StageTable } from "../expand/table.ts";
import type { OutputFact, Receipt } from "../state/receipt.ts";
import { asVerified, type Verified } from "../state/verification.ts";
import type { Draft } from "./draft.ts";
import { sameTime } from "./time.ts";
import type { SeenOutput } from "./types.ts";

/** An output of a receipt, by the name that the stage gives it now. */
export interface Place {
  readonly fact: OutputFact | undefined;
  /** Some entry says that it may be elsewhere: it is renamed, not missing. */
  readonly free: boolean;
}

export function placeOf(draft: Draft, stage: StageTable, row: number, receipt: Receipt, output: number): Place {
  const { name } = stage.stage.outputs[output]!;
  const there = receipt.outputs[output];
  const direct = there?.name === name ? there : receipt.outputs.find((fact) => fact.name === name);
  if (!draft.moves) return { fact: direct, free: false };
  const earlier = draft.moves.outputsBefore(stage.stage.name, name);
  const fact = direct ?? receipt.outputs.find((one) => earlier.includes(one.name));
  return { fact, free: earlier.length > 0 || draft.movedFrom.has(row) };
}

/** What is to be done about an output that may be elsewhere. `lost`: it is neither here nor there as the receipt says. */
export function relocation(
  draft: Draft,
  fact: OutputFact,
  path: string,
  verified: Verified | undefined,
): "there" | "rename" | "occupied" | "lost" {
  const target = draft.observations.output(path);
  if (target && isSame(fact, target, verified)) return "there";
  const source = draft.observations.output(fact.path);
  if (!source || !isSame(fact, source, verified)) return "lost";
  return target ? "occupied" : "rename";
}

function isSame(receipted: OutputFact, seen: SeenOutput, verified: Verified | undefined): boolean {
  const fact = asVerified(receipted, verified, seen.mtime);
  return fact.size === seen.size && sameTime(fact.mtime, seen.mtime) && fact.files === seen.files;
}
