// What a plan costs, a line a stage: for -v and estimate. Columns in which nothing stands are left out. Pure.
import type { Palette } from "../../diagnostics/palette.ts";
import { bytes, hoursIn } from "../../plan/amount.ts";
import type { Bounds, CostAmounts, Measured, PlanCost, StageCost } from "../../plan/cost-value.ts";
import { grouped } from "../../plan/grouped.ts";
import { padEnd, padStart } from "./columns.ts";
import { duration } from "./quantity.ts";

export interface Column {
  readonly head: string;
  readonly of: (cost: StageCost) => string;
  /** Of the last line. */
  readonly total: (cost: CostAmounts) => string;
}

const WALLTIME: Column = {
  head: "walltime",
  of: ({ walltime }) => (walltime === undefined ? "" : duration(walltime)),
  total: () => "",
};
const NODE_HOURS = columns("node-h", ({ nodeHours }) => nodeHours, inHours);
const AMOUNTS = [
  ...columns("core-h", ({ coreHours }) => coreHours, inHours),
  ...columns("GPU-h", ({ gpuHours }) => gpuHours, inHours),
  ...columns("bytes", ({ bytes: size }) => size, bytes),
  ...columns(
    "inodes",
    ({ inodes }) => inodes,
    (count) => grouped(Math.ceil(count)),
  ),
];

/** Ends with a newline. `more`: further columns. Empty where there is nothing to run. */
export function costTable(cost: PlanCost, palette: Palette, more: readonly Column[] = []): string {
  if (cost.stages.length === 0) return "";
  // Who does not count in nodes would take them for nodes of a cluster.
  const all = [WALLTIME, ...(cost.unit === "node" ? NODE_HOURS : []), ...AMOUNTS, ...more];
  const used = all
    .filter((column) => cost.stages.some((stage) => isSaid(column.of(stage))))
    .filter((column, c, some) => column.head !== "expected" || !cost.stages.every((stage) => column.of(stage) === some[c - 1]?.of(stage))); // prettier-ignore
  const rows = [
    ["", "jobs", ...used.map(({ head }) => head)],
    ...cost.stages.map((stage) => [stage.stage, grouped(stage.jobs), ...used.map(({ of }) => of(stage))]),
    ...(cost.stages.length > 1 ? [["all", grouped(cost.runs), ...used.map(({ total }) => total(cost))]] : []),
  ];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const lines = rows.map((row, r) => {
    const cells = row.map((cell, c) => (c === 0 ? padEnd(cell, widths[c]!) : padStart(cell, widths[c]!)));
    const line = cells.join("  ").trimEnd();
    return r === 0 ? palette.dim(line) : line;
  });
  return `${[...lines, ...measuredLines(cost, palette)].join("\n")}\n`;
}

/** An expectation that repeats the bound says nothing. No hours of GPUs are no column. */
const isSaid = (cell: string): boolean => cell !== "" && cell !== "0" && cell !== "0 B";

function columns(head: string, of: (cost: CostAmounts) => Bounds, text: (amount: number) => string): Column[] {
  const column = (name: string, which: keyof Bounds): Column => {
    const cell = (cost: CostAmounts) => {
      const amount = of(cost)[which];
      return amount === undefined ? "" : text(amount);
    };
    return { head: name, of: cell, total: cell };
  };
  return [column(head, "worst"), column("expected", "expected")];
}

/** Less than an hour says its unit. */
function inHours(value: number): string {
  const { number, unit } = hoursIn(value, "core");
  return unit === "core-h" ? number : `${number} ${unit.replace("core-", "")}`;
}

/** What the expectations rest on. */
function measuredLines({ stages }: PlanCost, palette: Palette): string[] {
  return stages.flatMap(({ stage, seconds }) => (seconds ? [palette.dim(`${stage}: ${measured(seconds)}`)] : []));
}

function measured({ receipts, median, high, highIs }: Measured): string {
  const few = highIs === "max" ? "longest" : "p99";
  return `run ${duration(median)} median, ${duration(high)} ${few}, from ${grouped(receipts)} ${receipts === 1 ? "receipt" : "receipts"}`;
}
