// Free space against what a plan would write. Pure: who looks at the disk is apply/preflight.ts.
import { bytes } from "./amount.ts";
import type { Amounts, PlanCost } from "./cost-value.ts";
import { grouped } from "./grouped.ts";
import { worstKnown } from "./stage-cost.ts";
import type { PlanSummary, Refusal, Space } from "./types.ts";

/** The summary with what the space means for it: too little for what is expected refuses, too little for the worst case is said. */
export function withSpace(summary: PlanSummary, space: Space | undefined): PlanSummary {
  if (!space) return summary;
  const short = summary.cost.runs === 0 ? [] : shortages(summary.cost, space);
  const refusals = short.flatMap(({ refusal }) => refusal ?? []);
  const notices = short.flatMap(({ notice }) => notice ?? []);
  return { ...summary, space, notices: [...summary.notices, ...notices], refusals: [...summary.refusals, ...refusals] };
}

interface Shortage {
  readonly refusal?: Refusal;
  readonly notice?: string;
}

function shortages({ bytes: size, inodes, replaced, stages }: PlanCost, space: Space): Shortage[] {
  const count = (number: number) => `${grouped(Math.ceil(number))} inodes`;
  return [
    shortage(size, worstKnown(stages, "bytes"), replaced.bytes, space.bytes, bytes),
    ...(space.inodes === undefined
      ? []
      : [shortage(inodes, worstKnown(stages, "inodes"), replaced.inodes, space.inodes, count)]),
  ];
}

/** What is replaced makes room: job by job, by rename. */
function shortage(
  amounts: Amounts,
  worst: number,
  replaced: number,
  free: number,
  text: (amount: number) => string,
): Shortage {
  const { expected = amounts.least } = amounts;
  const room = free + replaced;
  const of = `${text(free)} free where the outputs go`;
  const made = replaced > 0 ? `, and ${text(replaced)} are freed by what it replaces` : "";
  const known = amounts.expected === undefined ? "at least" : "about";
  if (expected > room)
    return {
      refusal: {
        code: "plan/space",
        message: `the plan writes ${known} ${text(expected)}, and there are ${of}${made}: ${text(expected - room)} too few`,
      },
    };
  if (worst <= room) return {};
  return { notice: `The plan may write ${text(worst)}, and there are ${of}${made}: ${text(worst - room)} too few in the worst case.` }; // prettier-ignore
}
