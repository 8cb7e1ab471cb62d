// `moved` entries -> IR: both sides name the same parts, `to` is in the campaign (or was renamed again by a later entry), `from` is not.
import type { AddressIR, MoveIR } from "../../ir/campaign.ts";
import type { Scalar } from "../../ir/json.ts";
import { type Reader, type Report, inside, onlyKnown, reader, shown, text } from "./reader.ts";
import type { StageDraft } from "./stage.ts";
import { didYouMean } from "./suggest.ts";

type Stages = readonly Pick<StageDraft, "name" | "axes" | "outputs">[];

export function movedIR(
  entries: readonly { readonly move: unknown; readonly stack: string }[],
  stages: Stages,
  reporter: (stack: string) => Report,
): MoveIR[] {
  const read = entries.map(({ move, stack }) => ({ move: moveIR(reader(move, [], reporter(stack))), stack }));
  read.forEach(({ move, stack }, i) => {
    const later = read.slice(i + 1).flatMap((entry) => entry.move ?? []);
    if (move) check(move, later, stages, reporter(stack));
  });
  return read.flatMap(({ move }) => move ?? []);
}

function moveIR(from: Reader): MoveIR | undefined {
  onlyKnown(from, ["from", "to"], "moved");
  const [before, after] = [addressIR(inside(from, "from")), addressIR(inside(from, "to"))];
  const parts = (address: AddressIR) => Object.keys(address).filter((part) => part !== "at").sort().join(" and "); // prettier-ignore
  const what = [parts(before), parts(after)];
  const fault =
    what[0] !== what[1]
      ? `from names ${what[0] || "no name"} and to names ${what[1] || "no name"}`
      : what[0] === "" && !before.at && !after.at
        ? "nothing is named"
        : before.output !== undefined && (before.axis ?? before.at ?? after.at) !== undefined
          ? "an output is moved with nothing but its stage"
          : before.output !== undefined && before.stage === undefined
            ? "an output needs its stage"
            : before.output === undefined && JSON.stringify(before) === JSON.stringify(after)
              ? "from and to are the same"
              : undefined;
  if (fault === undefined) return { from: before, to: after };
  from.report("compile/bad-move", `moved: ${fault}`, from.at);
  return undefined;
}

function addressIR(from: Reader): AddressIR {
  onlyKnown(from, ["stage", "axis", "at", "output"], `moved.${from.at.join(".")}`);
  const at = from.fields["at"] === undefined ? undefined : inside(from, "at");
  for (const [axis, value] of Object.entries(at?.fields ?? {}))
    if (!["string", "number", "boolean"].includes(typeof value))
      from.report("compile/bad-move", `moved: ${axis} is ${shown(value)}, no axis value`, [...at!.at, axis]);
  const names = { stage: text(from, "stage"), axis: text(from, "axis"), output: text(from, "output") };
  return {
    ...Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined)),
    ...(at ? { at: at.fields as Readonly<Record<string, Scalar>> } : {}),
  };
}

function check(move: MoveIR, later: readonly MoveIR[], stages: Stages, report: Report): void {
  const { from, to } = move;
  const names = stages.map((stage) => stage.name);
  const bad = (message: string, at: readonly string[], remedy?: string) => report("compile/bad-move", `moved: ${message}`, at, remedy); // prettier-ignore
  // A later entry may have renamed something to what this one renamed away.
  const back = (part: "stage" | "axis") => later.some((next) => next.to[part] === from[part] && next.from[part] !== next.to[part]); // prettier-ignore
  if (from.stage !== to.stage && names.includes(from.stage!) && !back("stage"))
    return bad(`stage ${from.stage} is still in the campaign`, ["from", "stage"], "Its results stay where they are: remove the entry, or the stage."); // prettier-ignore
  // What was renamed again is looked for under its last name.
  const now = later.reduce<AddressIR>((address, next) => followed(address, next), to);
  const stage = stages.find((one) => one.name === now.stage);
  if (now.stage !== undefined && !stage)
    return bad(`there is no stage ${now.stage}`, ["to", "stage"], didYouMean(now.stage, names, "stages"));
  const among = stage ? [stage] : stages;
  const outputs = among.flatMap((one) => one.outputs.map((output) => output.name));
  if (now.output !== undefined && !outputs.includes(now.output))
    bad(`stage ${now.stage} has no output ${now.output}`, ["to", "output"], didYouMean(now.output, outputs, "outputs"));
  const axes = among.flatMap((one) => one.axes);
  for (const name of [...(now.axis === undefined ? [] : [now.axis]), ...Object.keys(now.at ?? {})])
    if (!axes.some((axis) => axis.name === name))
      bad(`there is no axis ${name}`, ["to"], didYouMean(name, axes.map((axis) => axis.name), "axes")); // prettier-ignore
  if (from.axis !== undefined && from.axis !== to.axis && axes.some((axis) => axis.name === from.axis) && !back("axis"))
    bad(`axis ${from.axis} is still in the campaign`, ["from", "axis"]);
}

function followed(address: AddressIR, { from, to }: MoveIR): AddressIR {
  const meant = (from.stage === undefined || from.stage === address.stage) && from.at === undefined && to.at === undefined; // prettier-ignore
  if (!meant) return address;
  if (from.output !== undefined) return from.output === address.output ? { ...address, ...to } : address;
  if (from.axis !== undefined) {
    const at = address.at && Object.fromEntries(Object.entries(address.at).map(([axis, value]) => [axis === from.axis ? to.axis! : axis, value])); // prettier-ignore
    return { ...address, ...(address.axis === from.axis ? { axis: to.axis! } : {}), ...(at ? { at } : {}) };
  }
  return { ...address, stage: to.stage! };
}
