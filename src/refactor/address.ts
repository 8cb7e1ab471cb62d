// What `cmc mv FROM TO` means: two addresses as typed, against the campaign as it is. Pure; where the names are written is not asked here.
import { didYouMean } from "../compile/definition/suggest.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import type { CampaignIR, MoveIR } from "../ir/campaign.ts";
import type { AxisIR, StageIR } from "../ir/stage.ts";
import type { Scalar } from "../ir/json.ts";

/** `stage` of an axis or value: that stage's alone. Absent: of all that have it. */
export type Rename =
  | { readonly kind: "stage"; readonly from: string; readonly to: string }
  | { readonly kind: "axis"; readonly stage?: string; readonly from: string; readonly to: string }
  | { readonly kind: "value"; readonly stage?: string; readonly axis: string; readonly from: Scalar; readonly to: Scalar }
  | { readonly kind: "output"; readonly stage: string; readonly from: string; readonly to: string }; // prettier-ignore

interface Typed {
  readonly text: string;
  readonly stage?: string;
  readonly axis?: string;
  readonly value?: string;
  readonly output?: string;
}

export function readRename(fromText: string, toText: string, { stages }: Pick<CampaignIR, "stages">): Rename {
  const [from, to] = [parse(fromText), parse(toText)];
  const kind = kindOf(from);
  if (kind !== kindOf(to)) bad(`${fromText} is ${A[kind]} and ${toText} is ${A[kindOf(to)]}`);
  if (kind === "stage") return stageRename(from, to, stages);
  // The stage itself is no part of what is renamed; `[z]` and `mock[z]` say two things.
  if (from.stage !== to.stage) bad(`${from.text} and ${to.text} name different stages`, "Rename one thing at a time.");
  const among = from.stage === undefined ? stages : [requireStage(from.stage, stages)];
  const scope = from.stage === undefined ? {} : { stage: from.stage };
  if (kind === "output") return outputRename(from, to, among[0]!);
  const axes = among.flatMap((stage) => stage.axes).filter(({ name }) => name === from.axis);
  if (axes.length === 0) unknown(from.axis!, among.flatMap((stage) => stage.axes.map(({ name }) => name)), "axis", "axes", from.stage); // prettier-ignore
  if (kind === "axis") return axisRename(from, to, among, scope);
  return valueRename(from, to, axes, scope);
}

/** The entry that keeps the results. */
export function entryOf(rename: Rename): MoveIR {
  const scope = rename.kind !== "stage" && rename.stage !== undefined ? { stage: rename.stage } : {};
  const side = (name: Scalar) => {
    if (rename.kind === "stage") return { stage: String(name) };
    if (rename.kind === "axis") return { ...scope, axis: String(name) };
    if (rename.kind === "output") return { ...scope, output: String(name) };
    return { ...scope, at: { [rename.axis]: name } };
  };
  return { from: side(rename.from), to: side(rename.to) };
}

/** Whether jobs of a stage get another name, or an output of theirs does. */
export function concerns(rename: Rename, { name, axes }: Pick<StageIR, "name" | "axes">): boolean {
  if (rename.kind === "stage") return name === rename.from;
  if (rename.stage !== undefined && rename.stage !== name) return false;
  if (rename.kind === "output") return true;
  const axis = rename.kind === "axis" ? rename.from : rename.axis;
  return axes.some((one) => one.name === axis && (rename.kind === "axis" || one.values.includes(rename.from)));
}

const A = { stage: "a stage", axis: "an axis", value: "a value", output: "an output" } as const;

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const SYNTAX = /^([^[\].=]*)(?:\[([^[\]=]*)(?:=([^[\]]*))?\]|\.([^[\]=]*))?$/;

function parse(text: string): Typed {
  const [, stage = "", axis, value, output] = SYNTAX.exec(text) ?? [];
  const names = [...(stage === "" ? [] : [stage]), ...(axis === undefined ? [] : [axis]), ...(output === undefined ? [] : [output])]; // prettier-ignore
  if (names.length === 0 || names.some((name) => !NAME.test(name)) || (output !== undefined && stage === ""))
    bad(`${text === "" ? '""' : text} is no address`);
  return {
    text,
    ...(stage === "" ? {} : { stage }),
    ...(axis === undefined ? {} : { axis }),
    ...(value === undefined ? {} : { value }),
    ...(output === undefined ? {} : { output }),
  };
}

function kindOf({ axis, value, output }: Typed): Rename["kind"] {
  if (output !== undefined) return "output";
  if (axis === undefined) return "stage";
  return value === undefined ? "axis" : "value";
}

function stageRename(from: Typed, to: Typed, stages: readonly StageIR[]): Rename {
  requireStage(from.stage!, stages);
  requireNew(to, to.stage!, stages.map(({ name }) => name), "stage"); // prettier-ignore
  return { kind: "stage", from: from.stage!, to: to.stage! };
}

function axisRename(from: Typed, to: Typed, among: readonly StageIR[], scope: { readonly stage?: string }): Rename {
  const both = among.filter(({ axes }) => axes.some(({ name }) => name === from.axis));
  requireNew(to, to.axis!, both.flatMap(({ axes }) => axes.map(({ name }) => name)), "axis"); // prettier-ignore
  return { kind: "axis", ...scope, from: from.axis!, to: to.axis! };
}

function outputRename(from: Typed, to: Typed, stage: StageIR): Rename {
  const names = stage.outputs.map(({ name }) => name);
  if (!names.includes(from.output!)) unknown(from.output!, names, "output", "outputs", stage.name);
  requireNew(to, to.output!, names, "output");
  return { kind: "output", stage: stage.name, from: from.output!, to: to.output! };
}

function valueRename(from: Typed, to: Typed, axes: readonly AxisIR[], scope: { readonly stage?: string }): Rename {
  if (from.axis !== to.axis) bad(`${from.text} and ${to.text} name different axes`, "Rename one thing at a time.");
  const values = [...new Set(axes.flatMap((axis) => axis.values))];
  const old = values.find((value) => String(value) === from.value);
  if (old === undefined) unknown(from.value!, values.map(String), "value", "values", `axis ${from.axis!}`);
  const now = typeof old === "number" ? Number(to.value) : to.value!;
  if (typeof old === "boolean" || to.value === "" || !Number.isFinite(typeof now === "number" ? now : 0))
    bad(`${from.axis!} takes ${typeof old === "string" ? "texts" : `${typeof old}s`}, and ${to.text} gives it another`);
  if (values.includes(now)) bad(`${to.text} is a value of ${from.axis!} already`, "Two jobs would have one name.");
  return { kind: "value", ...scope, axis: from.axis!, from: old!, to: now };
}

function requireStage(name: string, stages: readonly StageIR[]): StageIR {
  const found = stages.find((stage) => stage.name === name);
  return found ?? unknown(name, stages.map((stage) => stage.name), "stage", "stages"); // prettier-ignore
}

function requireNew({ text }: Typed, name: string, taken: readonly string[], noun: string): void {
  if (taken.includes(name)) bad(`there is ${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun} ${name} already`, `${text} would be two things.`); // prettier-ignore
}

function unknown(name: string, names: readonly string[], noun: string, nouns: string, of?: string): never {
  return bad(`${of === undefined ? "the campaign" : /^axis /.test(of) ? of : `stage ${of}`} has no ${noun} ${name}`, didYouMean(name, [...new Set(names)], nouns)); // prettier-ignore
}

function bad(message: string, remedy?: string): never {
  return fail({ code: "mv/bad-address", message, ...(remedy === undefined ? {} : { remedy }) });
}
