// Pass 2: has what is computed changed since the receipt? Parameters (with the argument vector), code, environment, field by field.
// Input paths and upstream are fields of the recipe too; their passes follow, so that the order of passes is the order of reasons.
import type { StageTable } from "../expand/table.ts";
import type { Json } from "../ir/json.ts";
import { showPlaceholders } from "../ir/placeholder.ts";
import type { Receipt } from "../state/receipt.ts";
import type { JobState } from "../state/reduce.ts";
import { diffJson } from "./diff.ts";
import type { Draft } from "./draft.ts";
import { environmentDetails } from "./environment.ts";
import type { Detail } from "./types.ts";

export function freshness(draft: Draft, stage: StageTable): void {
  const { recipe } = stage;
  const memo = new Map<string, readonly Detail[]>();
  const remembered = (name: string, make: () => readonly Detail[]): readonly Detail[] => {
    let details = memo.get(name);
    if (!details) memo.set(name, (details = make()));
    return details;
  };
  for (let i = 0; i < stage.count; i++) {
    const row = stage.first + i;
    const job = draft.jobs[row];
    const receipt = job?.receipt;
    if (!job || !receipt) continue;
    if (receipt.recipe.digest === recipe.digest.at(i) && !draft.recipes?.excuses(row)) continue;
    const before = receipt.recipe;
    const params = recipe.params.at(i);
    draft.field(row, "params", before.params !== params, "params_changed", () =>
      remembered(`p${before.params}${params}`, () => paramsDetails(receipt, stage, i)),
    );
    draft.field(row, "code", before.code !== recipe.code, "code_changed", () =>
      remembered(`c${before.code}`, () => codeDetails(draft, stage, job, receipt)),
    );
    draft.field(row, "environment", before.environment !== recipe.environment, "env_changed", () =>
      remembered(`e${before.environment}`, () => environmentDetails(draft, stage, job, receipt)),
    );
  }
}

export function paramsDetails(receipt: Receipt, stage: StageTable, index: number): readonly Detail[] {
  const after = JSON.parse(stage.params.at(index)) as Json;
  const argv = stage.argv ? (JSON.parse(stage.argv.at(index)) as string[]) : undefined;
  const details = paramsDifference(receipt, { params: after, argv });
  if (details.length > 0) return details;
  return [digests("params", "params", receipt.recipe.params, stage.recipe.params.at(index))];
}

interface Asked {
  readonly params: Json;
  readonly argv?: readonly string[] | undefined;
}

/** Empty: they say the same. */
export function paramsDifference(before: Asked, after: Asked): readonly Detail[] {
  const differences = diffJson(before.params, after.params, "params");
  const arguments_ = diffJson(before.argv?.map(showPlaceholders), after.argv?.map(showPlaceholders), "params.argv");
  return [...differences, ...arguments_].map((d) => ({ type: "field", field: "params", ...d }));
}

/** The entry, then the source files that differ where the run that made the receipt said what it was made of. */
function codeDetails(draft: Draft, stage: StageTable, job: JobState, receipt: Receipt): readonly Detail[] {
  const { run, code } = stage.stage;
  const entry = run.kind === "task" ? run.entry : "command";
  const head = digests("code", entry, receipt.recipe.code, stage.recipe.code);
  const before = draft.code.before(stage.stage.name, job);
  return before ? [head, ...sourceDifference(before.sources, code.sources)] : [head];
}

export function sourceDifference(
  before: Readonly<Record<string, string>>,
  sources: readonly { readonly path: string; readonly digest: string }[],
): readonly Detail[] {
  const after = new Map(sources.map((source) => [source.path, source.digest]));
  const paths = [...new Set([...Object.keys(before), ...after.keys()])].sort();
  const changed = paths.filter((path) => before[path] !== after.get(path));
  return changed.map((path) => digests("code", path, before[path], after.get(path)));
}

export function digests(
  field: "params" | "code" | "inputs" | "environment" | "upstream",
  path: string,
  before?: string,
  after?: string,
): Detail {
  return {
    type: "field",
    field,
    path,
    ...(before ? { old: before.slice(0, 8) } : {}),
    ...(after ? { new: after.slice(0, 8) } : {}),
  };
}
