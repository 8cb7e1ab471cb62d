// What is accepted when a person says that the changes of some jobs do not matter: by field and input file, all that differs from the receipt. Pure.
import { upstreamDigests } from "../expand/recipe.ts";
import { keyOf, recipeOf, stageOfRow, type JobTable, type StageTable } from "../expand/table.ts";
import { RECIPE_FIELDS } from "../ir/job.ts";
import type { FileFact, Receipt, Waiver } from "../state/receipt.ts";
import type { State } from "../state/reduce.ts";
import { externalPorts, portPaths } from "./external.ts";
import { nodeFitsReceipt } from "./node-version.ts";
import { declaredVersion } from "./versions.ts";
import { sameTime } from "./time.ts";
import type { Observations, Plan } from "./types.ts";

/**
 * Rows of one stage that have a result and differ from it. Upstream is compared with the recipes in force in `plan`: what was accepted there before is
 * no change here.
 * @param declared the campaign's own table; the plan's holds what is in force
 */
export function waiversFor(
  declared: JobTable,
  plan: Plan,
  state: State,
  observations: Observations,
  rows: readonly number[],
): Waiver[] {
  const stages = new Map<StageTable, (index: number) => string>();
  return rows.flatMap((row) => {
    const stage = stageOfRow(declared, row);
    const index = row - stage.first;
    const key = keyOf(stage, index);
    const { receipt, accepted } = state.jobs.get(key) ?? {};
    if (!receipt || !accepted) return [];
    let upstream = stages.get(stage);
    if (!upstream) stages.set(stage, (upstream = upstreamDigests(stage, plan.table.stages)));
    const asked = { ...recipeOf(stage, index), upstream: upstream(index) };
    // An upstream job that is made again over other data changes no digest.
    const renewed = (plan.details.get(row) ?? []).some((detail) => detail.type === "upstream");
    const fields = RECIPE_FIELDS.filter(
      (field) => receipt.recipe[field] !== asked[field] || (field === "upstream" && renewed),
    );
    const inputs = changedInputs(stage, index, receipt, observations);
    const node =
      stage.stage.node !== undefined && !nodeFitsReceipt(stage.stage.node, receipt) ? stage.stage.node : undefined;
    if (fields.length === 0 && inputs.length === 0 && node === undefined) return [];
    return [
      {
        key,
        attemptId: accepted.attemptId,
        fields: Object.fromEntries(fields.map((field) => [field, asked[field]])),
        ...(inputs.length > 0 ? { inputs } : {}),
        ...(node === undefined ? {} : { node }),
      },
    ];
  });
}

function changedInputs(stage: StageTable, index: number, receipt: Receipt, observations: Observations): FileFact[] {
  return externalPorts(stage).flatMap((port) => {
    const version = declaredVersion(port, index);
    return portPaths(port, index).flatMap((path): FileFact[] => {
      const now = observations.input(path);
      const before = receipt.inputs.find((fact) => fact.path === path);
      if (now && version !== undefined)
        return before?.version === version ? [] : [{ path, size: now.size, mtime: now.mtime, version }];
      if (!now || (before?.size === now.size && sameTime(before.mtime, now.mtime))) return [];
      const sha256 = port.ir.compare === "content" ? now.sha256 : undefined;
      return [{ path, size: now.size, mtime: now.mtime, ...(sha256 === undefined ? {} : { sha256 }) }];
    });
  });
}
