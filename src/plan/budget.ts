// The budget guard: what was used, what is underway and what a plan may use at worst, against what the campaign allows.
// Refuses and says by how much; never narrows a plan by itself.
import { bytes, hours, walltime } from "./amount.ts";
import type { CostAmounts, PlanCost, StageCost, Used } from "./cost-value.ts";
import { grouped } from "./grouped.ts";
import type { Refusal } from "./types.ts";

type Kind = "nodeHours" | "bytes" | "inodes";

interface Limited {
  readonly kind: Kind;
  readonly text: (amount: number) => string;
  readonly verb: string;
  readonly usedAs: string;
  readonly unbounded: (stage: string) => string;
}

const LIMITED: readonly Limited[] = [
  {
    kind: "nodeHours",
    text: (amount) => hours(amount, "node", 3),
    verb: "take",
    usedAs: "used before",
    unbounded: (stage) => `stage ${stage} has no walltime: its node-hours cannot be held against a budget`,
  },
  {
    kind: "bytes",
    text: bytes,
    verb: "write",
    usedAs: "there already",
    unbounded: (stage) =>
      `stage ${stage} has outputs without a largest size, and no receipts: they cannot be held against a budget`,
  },
  {
    kind: "inodes",
    text: (amount) => `${grouped(Math.ceil(amount))} ${amount === 1 ? "inode" : "inodes"}`,
    verb: "make",
    usedAs: "there already",
    unbounded: (stage) =>
      `stage ${stage} makes folders of any number of files, and has no receipts: its inodes cannot be held against a budget`,
  },
];

export function overBudget(cost: PlanCost): Refusal[] {
  const { budget, used, runs } = cost;
  if (!budget || !used || runs === 0) return [];
  return LIMITED.flatMap((limited) => {
    const limit = budget[limited.kind];
    return limit === undefined ? [] : (over(limited, limit, cost, used) ?? []);
  });
}

function over(limited: Limited, limit: number, cost: PlanCost, used: Used): Refusal | undefined {
  const { kind, text, verb, usedAs } = limited;
  const boundless = cost.stages.find((stage) => stage[kind].worst === undefined);
  if (boundless) return { code: "plan/budget", message: limited.unbounded(boundless.stage) };
  const worst = cost[kind].worst!;
  const before = used[kind];
  const underway = used.underway[kind].worst ?? 0;
  const excess = worst + before + underway - limit;
  // Sums of hours are not exact to the last digit.
  if (excess <= limit * 1e-12) return undefined;
  const others = [
    ...(before > 0 ? [`${text(before)} ${usedAs}`] : []),
    ...(underway > 0 ? [`${text(underway)} of ${grouped(used.underway.jobs)} jobs underway`] : []),
  ];
  const sum = others.length > 0 ? `, with ${others.join(" and ")}` : "";
  const dearest = dearestOf(cost.stages, kind);
  const most = `stage ${dearest.stage} takes most, ${text(dearest[kind].worst!)} for ${grouped(dearest.jobs)} ${dearest.jobs === 1 ? "job" : "jobs"}`;
  const message = `the plan may ${verb} ${text(worst)}${sum}; the budget is ${text(limit)}, ${text(excess)} too few; ${most}`;
  const allowance = limit - before - underway;
  return { code: "plan/budget", message, ...advice(limited, cost, dearest, allowance) };
}

export function dearestOf(stages: readonly StageCost[], kind: keyof CostAmounts): StageCost {
  return stages.reduce((most, stage) => ((stage[kind].worst ?? 0) > (most[kind].worst ?? 0) ? stage : most));
}

/** The worst case does not fit; what is expected may, and then a shorter walltime or a smaller largest size is what is missing. */
function advice(
  { kind, text }: Limited,
  cost: PlanCost,
  dearest: StageCost,
  allowance: number,
): { readonly remedy?: string } {
  const expected = wholeExpectation(cost, kind);
  if (expected === undefined || expected > allowance) return {};
  const from = kind === "nodeHours" ? ` from ${grouped(cost.fromReceipts)} receipts` : "";
  const said = `Expected are ${text(expected)}${from}, which fit.`;
  const fits = kind === "nodeHours" ? fittingWalltime(cost, dearest, allowance) : undefined;
  if (fits !== undefined) return { remedy: `${said} ${fits} Or narrow the plan, or raise the budget.` };
  const bound = kind === "bytes" ? " Declare smaller largest sizes," : " Narrow the plan,";
  return { remedy: `${said}${bound} or raise the budget.` };
}

/** Undefined: it does not cover every job. */
function wholeExpectation(cost: PlanCost, kind: Kind): number | undefined {
  return cost.stages.every((stage) => stage[kind].expected !== undefined) ? cost[kind].expected : undefined;
}

/** Of the dearest stage, while the others keep theirs. Undefined: it would cut off runs as long as those that were measured. */
function fittingWalltime(cost: PlanCost, dearest: StageCost, allowance: number): string | undefined {
  const others = cost.nodeHours.worst! - dearest.nodeHours.worst!;
  const seconds = ((allowance - others) * 3600) / dearest.nodes;
  const { seconds: measured } = dearest;
  if (!measured || seconds < Math.max(1, measured.high)) return undefined;
  const high = `${measured.highIs === "p99" ? "99% of" : "all"} its ${grouped(measured.receipts)} measured runs took at most ${Math.ceil(measured.high)} s`;
  return `So would a walltime of ${walltime(seconds)} for stage ${dearest.stage} (${high}).`;
}
