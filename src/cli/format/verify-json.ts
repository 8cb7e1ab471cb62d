// What a verification found, as objects for --json: stages, findings, strays, what was read and recorded, then the verdict.
import { keyOfRow } from "../../expand/table.ts";
import { countVerdicts } from "../../verify/judge.ts";
import { strayFolders } from "../../verify/strays.ts";
import type { Verification } from "./verify.ts";

/** `foreign`: every stray file; else by folder. */
export function* verificationObjects(
  { seen, judgement, deep, strays = [], recording }: Verification,
  foreign: boolean,
): Iterable<object> {
  for (const { stage, first, count } of seen.table.stages) {
    const { none, ...counts } = countVerdicts(judgement.verdict.subarray(first, first + count));
    yield { type: "stage", stage: stage.name, jobs: count, results: count - none, ...counts };
  }
  for (const [row, found] of [...judgement.findings].sort(([a], [b]) => a - b))
    for (const finding of found) yield { type: "finding", key: keyOfRow(seen.table, row), ...finding };
  if (foreign) for (const stray of strays) yield { type: "stray", ...stray };
  else for (const folder of strayFolders(strays)) yield { type: "strays", ...folder };
  if (deep) {
    const { hashed, bytes, taken, validated, undigested, sameContent, left, resumed, lost } = deep;
    yield { type: "read", hashed, bytes, taken, validated, undigested, sameContent, left, resumed, lost };
  }
  if (recording) yield { type: "recorded", ...recording };
  const { none, ...counts } = countVerdicts(judgement.verdict);
  const results = judgement.verdict.length - none;
  yield { type: "verified", root: seen.root, live: seen.live, results, ...counts };
}
