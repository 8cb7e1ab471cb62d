// The cost line: what is declared as a bound, what receipts measured as an expectation, what would be written, and what there is.
// Always one line; the table by stage is cost-table.ts.
import { bytes, hours, hoursIn } from "../../plan/amount.ts";
import type { Bounds, PlanCost } from "../../plan/cost-value.ts";
import { grouped } from "../../plan/grouped.ts";
import { worstKnown } from "../../plan/stage-cost.ts";
import type { Space } from "../../plan/types.ts";

/** `up to 420 node-h (expected 118, from 38,728 receipts); 4.7 TB of 9.1 TB free; budget 500 node-h.` */
export function costLine(cost: PlanCost, space?: Space): string {
  const parts = cost.runs === 0 ? ["nothing to run"] : [time(cost), ...replaced(cost.outputsReplaced), ...room(cost, space)]; // prettier-ignore
  return `${[...parts, ...budget(cost)].join("; ")}.`;
}

function time(cost: PlanCost): string {
  const { worst, expected } = cost.unit === "node" ? cost.nodeHours : cost.coreHours;
  const most = worst === undefined ? undefined : hoursIn(worst, cost.unit);
  const likely = expected === undefined ? undefined : hoursIn(expected, cost.unit);
  const measured =
    likely &&
    `${likely.number}${likely.unit === most?.unit ? "" : ` ${likely.unit}`}${coverage(cost)}, from ${receipts(cost.fromReceipts)}`;
  if (most) return `up to ${most.number} ${most.unit}${measured ? ` (expected ${measured})` : ""}`;
  return measured ? `expected ${measured}` : "not known: no walltime is declared and there are no receipts to go by";
}

function coverage({ expectedJobs, runs }: PlanCost): string {
  return expectedJobs < runs ? ` for ${grouped(expectedJobs)} of ${grouped(runs)} jobs` : "";
}

function receipts(number: number): string {
  return `${grouped(number)} ${number === 1 ? "receipt" : "receipts"}`;
}

function replaced(number: number): string[] {
  if (number === 0) return [];
  return [number === 1 ? "1 output is replaced" : `${grouped(number)} outputs are replaced`];
}

/** Inodes only where they run out before bytes do. */
function room({ bytes: size, inodes, stages }: PlanCost, space: Space | undefined): string[] {
  if (!space) return [];
  const [written, made] = [worstKnown(stages, "bytes"), worstKnown(stages, "inodes")];
  const shareOf = (amount: number, free: number) => amount / Math.max(1, free);
  const said = (text: string, { worst }: Bounds) => `${text}${worst === undefined ? " and more" : ""} of `;
  const scarce = space.inodes !== undefined && shareOf(made, space.inodes) > Math.max(0.1, shareOf(written, space.bytes)); // prettier-ignore
  return [
    `${written > 0 ? said(bytes(written), size) : ""}${bytes(space.bytes)} free`,
    ...(scarce ? [`${said(grouped(Math.ceil(made)), inodes)}${grouped(space.inodes!)} inodes free`] : []),
  ];
}

/** `budget 500 node-h (118 used), 80 TB`. */
function budget({ budget: limit, used }: PlanCost): string[] {
  if (!limit) return [];
  const nodes = limit.nodeHours === undefined ? [] : [limited(limit.nodeHours, used?.nodeHours, nodeHours)];
  const size = limit.bytes === undefined ? [] : [limited(limit.bytes, used?.bytes, bytes)];
  const files = limit.inodes === undefined ? [] : [limited(limit.inodes, used?.inodes, (count) => `${grouped(count)} inodes`)]; // prettier-ignore
  return [`budget ${[...nodes, ...size, ...files].join(", ")}`];
}

function limited(amount: number, used = 0, text: (value: number) => string): string {
  return `${text(amount)}${used > 0 ? ` (${text(used)} used)` : ""}`;
}

const nodeHours = (value: number): string => hours(value, "node");
