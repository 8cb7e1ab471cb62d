// A rename from the address to the edited texts: the place where the name is given, everything that uses it, the entry. Writes nothing.
import { campaignFile } from "../compile/campaign-file.ts";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.ts";
import type { CampaignIR, MoveIR } from "../ir/campaign.ts";
import type { StageIR } from "../ir/stage.ts";
import type { Scalar } from "../ir/json.ts";
import { concerns, type Rename } from "./address.ts";
import { entryChanges } from "./entry.ts";
import { followed } from "./follow.ts";
import { rootChanges } from "./roots.ts";
import { Source } from "./source.ts";
import { type Look, looks, recordChanges } from "./untyped.ts";

export interface Renamed {
  /** Of modules that are other than before, by absolute path. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly looks: readonly Look[];
}

/** @param file the campaign module, as the command line found it; @param entry added at the end; absent: none is needed */
export function renameInSource(
  { file, cwd }: { readonly file: string; readonly cwd: string },
  ir: CampaignIR,
  rename: Rename,
  entry?: MoveIR,
): Renamed {
  const source = new Source(campaignFile(file, cwd), cwd);
  const changed = source.with([...rootChanges(source, rename), ...recordChanges(source, rename, ir)]);
  const names = { from: String(rename.from), to: String(rename.to) };
  const edited = typeof rename.from === "string" ? followed(changed, names) : changed;
  const main = edited.program.getSourceFile(edited.file)!;
  const done = entry ? edited.with(entryChanges(main, entry)) : edited;
  const files = [...done.texts.keys()].sort();
  return {
    before: new Map(files.map((path) => [path, source.text(path)])),
    after: new Map(files.map((path) => [path, done.text(path)])),
    looks: looks(done, rename, ir),
  };
}

/** The edited campaign type-checks and does not compile: a filter left nothing, a helper threw. */
export function refuseFault(error: unknown, { looks: where }: Renamed): never {
  if (!(error instanceof DiagnosticError)) throw error;
  throw new DiagnosticError([inTheWay("with the new name the campaign does not compile", where), ...error.diagnostics]);
}

function inTheWay(message: string, where: readonly Look[]): Diagnostic {
  const related = where.map(({ file, line, column, text }) => ({ message: text, span: { file, line, column, length: 1 } })); // prettier-ignore
  return { code: "mv/in-the-way", severity: "error", message, ...(related.length > 0 ? { related } : {}) };
}

/** Something of the campaign is another than its name: a filter compared the old value, a name was used for something else. Throws. */
export function requireSameButNames(
  before: CampaignIR,
  after: CampaignIR,
  rename: Rename,
  where: readonly Look[],
): void {
  const expected = before.stages.map((stage) => shape(stage, rename));
  const found = after.stages.map((stage) => shape(stage));
  const sorted = (shapes: readonly string[]) => [...shapes].sort();
  const [want, have] = [sorted(expected), sorted(found)];
  if (JSON.stringify(want) === JSON.stringify(have)) return;
  const other = have.find((one) => !want.includes(one)) ?? want.find((one) => !have.includes(one))!;
  const [stage, ...rest] = other.split(" ");
  throw new DiagnosticError([inTheWay(`with the new name the campaign would be another: stage ${stage} with ${rest.join(" ")}`, where)]); // prettier-ignore
}

/** Names and values of a stage, as they would be. */
function shape(stage: StageIR, rename?: Rename): string {
  const meant = rename && concerns(rename, stage) ? rename : undefined;
  const name = meant?.kind === "stage" ? meant.to : stage.name;
  const axes = stage.axes.map((axis) => {
    const own = meant?.kind === "axis" && axis.name === meant.from ? meant.to : axis.name;
    const value = (one: Scalar) => (meant?.kind === "value" && axis.name === meant.axis && one === meant.from ? meant.to : one); // prettier-ignore
    return `${own}=${axis.values.map((one) => JSON.stringify(value(one))).join("|")}`;
  });
  const outputs = stage.outputs.map((output) => (meant?.kind === "output" && output.name === meant.from ? meant.to : output.name)); // prettier-ignore
  return `${name} axes ${axes.join(", ") || "none"}, outputs ${outputs.join(", ")}`;
}
