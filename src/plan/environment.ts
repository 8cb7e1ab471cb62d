// What changed in a stage's environment, fact by fact: `environment.container.digest: "sha256:a" -> "sha256:b"`. Receipts keep the
// digest only; the run that made them recorded the facts, and the digest says whether they are the right ones.
import type { StageTable } from "../expand/table.ts";
import { environmentDigest } from "../expand/recipe.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { Receipt } from "../state/receipt.ts";
import type { JobState } from "../state/reduce.ts";
import { diffJson } from "./diff.ts";
import type { Draft } from "./draft.ts";
import type { Detail } from "./types.ts";

export function environmentDetails(
  draft: Draft,
  { stage, recipe }: StageTable,
  job: JobState,
  receipt: Receipt,
): Detail[] {
  const { run, environment } = stage;
  const known = draft.code.before(stage.name, job);
  const before = { environment: known?.environment ?? {}, env: known?.env };
  const after = { environment, env: run.kind === "command" ? run.env : undefined };
  const differences = [
    ...diffJson(before.environment, after.environment, "environment"),
    ...diffJson(before.env ?? {}, after.env ?? {}, "env"),
  ];
  if (known && differences.length > 0 && environmentDigest(before) === receipt.recipe.environment)
    return differences.map((difference) => ({ type: "field", field: "environment", ...difference }));
  return [
    {
      type: "field",
      field: "environment",
      path: "environment",
      old: receipt.recipe.environment.slice(0, 8),
      new: recipe.environment.slice(0, 8),
    },
    { type: "note", text: `the earlier facts are not known; environment is now ${canonicalJson(environment)}` },
  ];
}
