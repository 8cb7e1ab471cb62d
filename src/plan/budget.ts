// The budget guard: what a plan may cost at worst against what the campaign allows. Refuses; never narrows a plan by itself.
import type { StageTable } from "../expand/table.ts";
import type { SizeIR } from "../ir/campaign.ts";
import { resourcesOf } from "./cost.ts";
import type { Draft } from "./draft.ts";
import type { Refusal } from "./types.ts";

/** Worst case: every job runs to its walltime on its nodes (1 unless said) and fills its outputs to their largest size. */
export function overBudget(draft: Draft): Refusal[] {
  const { budget } = draft.table.campaign;
  if (!budget) return [];
  const worst = worstCase(draft);
  const refusals: Refusal[] = [];
  const refuse = (message: string) => refusals.push({ code: "plan/budget", message });
  if (budget.nodeHours !== undefined) {
    if (worst.unboundedTime)
      refuse(`stage ${worst.unboundedTime} has no walltime: its node-hours cannot be held against a budget`);
    else if (worst.nodeHours > budget.nodeHours)
      refuse(
        `the plan may take ${rounded(worst.nodeHours)} node-hours; the budget is ${rounded(budget.nodeHours)}, ${rounded(worst.nodeHours - budget.nodeHours)} too many`,
      );
  }
  if (budget.bytes !== undefined) {
    if (worst.unboundedSize)
      refuse(`stage ${worst.unboundedSize} has outputs without a largest size: they cannot be held against a budget`);
    else if (worst.bytes > budget.bytes)
      refuse(
        `the plan may write ${gigabytes(worst.bytes)}; the budget is ${gigabytes(budget.bytes)}, ${gigabytes(worst.bytes - budget.bytes)} too many`,
      );
  }
  return refusals;
}

interface WorstCase {
  nodeHours: number;
  bytes: number;
  /** A stage that runs and declares no bound. */
  unboundedTime?: string;
  unboundedSize?: string;
}

function worstCase(draft: Draft): WorstCase {
  const worst: WorstCase = { nodeHours: 0, bytes: 0 };
  for (const stage of draft.table.stages) {
    const size = largestJob(stage);
    for (let i = 0; i < stage.count; i++) {
      if (!draft.runs(stage.first + i)) continue;
      const { walltime, nodes = 1 } = resourcesOf(stage, i);
      if (walltime === undefined) worst.unboundedTime ??= stage.stage.name;
      else worst.nodeHours += (walltime * nodes) / 3600;
      if (size === undefined) worst.unboundedSize ??= stage.stage.name;
      else worst.bytes += size;
    }
  }
  return worst;
}

/** Bytes of one job's outputs at most; undefined when one of them has no bound. */
function largestJob({ stage }: StageTable): number | undefined {
  const sizes = stage.outputs.map((output) => (output.size as SizeIR | undefined)?.max);
  return sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
const gigabytes = (bytes: number): string => `${rounded(bytes / 1e9)} GB`;
