// Whether the parameters of a moved job differ from its receipt's by nothing but the move: other axis names, axis values that were renamed, outputs
// that were renamed. What the job is asked beside that is a change like any other. Pure.
import { pointOf, type StageTable } from "../expand/table.ts";
import type { Json, Scalar } from "../ir/json.ts";
import { placeholder } from "../ir/placeholder.ts";
import type { Receipt } from "../state/receipt.ts";
import { type Difference, diffJson } from "./diff.ts";
import type { Draft } from "./draft.ts";
import type { MovedParams } from "./in-force.ts";
import type { Moves, Point } from "./moves.ts";

export function movedParams({ moves, movedFrom }: Pick<Draft, "moves" | "movedFrom">): MovedParams {
  return (stage, index, { receipt }) => {
    if (!moves) return false;
    const point = pointOf(stage, index);
    const key = movedFrom.get(stage.first + index);
    const before = key === undefined ? { point } : moves.before({ stage: stage.stage.name, point }).find((one) => one.key === key)!; // prettier-ignore
    return movedOnly(receipt!, stage, index, before.point, moves);
  };
}

/** @param before point that the job had when its result was made */
function movedOnly(receipt: Receipt, stage: StageTable, index: number, before: Point, moves: Moves): boolean {
  const now = pointOf(stage, index);
  const renamed = Object.keys(now).flatMap((axis) => {
    const [old, new_] = [before[axis], now[axis]!];
    return old === undefined || old === new_ ? [] : [[old, new_] as const];
  });
  const params = diffJson(receipt.params, JSON.parse(stage.params.at(index)) as Json, "");
  const argv = stage.argv ? (JSON.parse(stage.argv.at(index)) as string[]) : undefined;
  const arguments_ = diffJson(
    receipt.argv,
    argv?.map((text) => withOldNames(text, stage, moves)),
    "",
  );
  return [...params, ...arguments_].every((difference) => renamed.some((pair) => isRenaming(difference, pair)));
}

/** The value itself, or its text. */
function isRenaming({ old, new: now }: Difference, [before, after]: readonly [Scalar, Scalar]): boolean {
  const same = (text: string | undefined, value: Scalar) =>
    text === JSON.stringify(value) || text === JSON.stringify(String(value));
  return same(old, before) && same(now, after);
}

function withOldNames(argument: string, { stage }: StageTable, moves: Moves): string {
  let text = argument;
  for (const { name } of stage.outputs) {
    const old = moves.outputsBefore(stage.name, name).at(-1);
    if (old !== undefined && old !== name)
      text = text.replaceAll(placeholder(`output:${name}`), placeholder(`output:${old}`));
  }
  return text;
}
