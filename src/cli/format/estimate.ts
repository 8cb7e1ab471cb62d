// An estimate as text and as objects: the table of costs with wall-clock times, what stands in its way, the cost line. Pure.
import { type Estimated, inTurn } from "../../apply/estimate.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import type { Bounds } from "../../plan/cost-value.ts";
import { jobs } from "./amount.ts";
import { hang } from "./columns.ts";
import { type Column, costTable } from "./cost-table.ts";
import { costLine } from "./cost.ts";
import { formatPreview } from "./preview.ts";
import { count, duration } from "./quantity.ts";

export interface EstimateLook {
  readonly palette: Palette;
  readonly width: number;
  readonly nodes?: number;
}

/** Ends with a newline. */
export function formatEstimate(estimated: Estimated, { palette, width, nodes }: EstimateLook): string {
  const { summary, wallClock, preview } = estimated;
  const { cost, space } = summary;
  const notices = [...summary.notices, ...summary.refusals.map(({ message }) => `apply would refuse: ${message}.`)];
  const clock = clockLine(wallClock, nodes);
  return [
    `${palette.bold(`${summary.campaign} ${summary.version}`)}  ${jobs(summary.jobs)}, as if nothing were done`,
    "",
    costTable(cost, palette, columnsOf(wallClock)),
    ...notices.map((notice) => hang(palette.yellow("note: "), notice, width)),
    ...(notices.length > 0 ? [""] : []),
    ...(clock === undefined ? [] : [`${palette.bold("Time:")} ${clock}`]),
    `${palette.bold("Cost:")} ${costLine(cost, space)}`,
    ...(preview ? [formatPreview(preview, width)] : [""]),
  ].join("\n");
}

function columnsOf(wallClock: ReadonlyMap<string, Bounds>): Column[] {
  const all = inTurn([...wallClock.values()]);
  const column = (head: string, which: keyof Bounds): Column => {
    const text = (of: Bounds | undefined) => (of?.[which] === undefined ? "" : duration(of[which]));
    return { head, of: ({ stage }) => text(wallClock.get(stage)), total: () => text(all) };
  };
  return [column("wall-clock", "worst"), column("expected", "expected")];
}

function clockLine(wallClock: ReadonlyMap<string, Bounds>, nodes: number | undefined): string | undefined {
  if (wallClock.size === 0) return undefined;
  const { worst, expected } = inTurn([...wallClock.values()]);
  const where =
    nodes === undefined ? "through the site's lanes" : `on ${count(nodes)} ${nodes === 1 ? "node" : "nodes"}`;
  const known = [
    ...(worst === undefined ? [] : [`up to ${duration(worst)}`]),
    ...(expected === undefined ? [] : [`expected ${duration(expected)}`]),
  ];
  return known.length === 0
    ? `not known ${where}: a stage has no walltime and no receipts, or a job needs more nodes`
    : `${known.join(", ")} ${where}, one stage after the other, without waiting in the queue.`;
}

export function* estimateObjects({ summary, wallClock, preview }: Estimated): Iterable<object> {
  const { campaign, version, jobs: number, notices, refusals, space } = summary;
  const { stages, ...cost } = summary.cost;
  for (const stage of stages) {
    const clock = wallClock.get(stage.stage);
    yield { type: "stage", ...stage, ...(clock ? { wallClock: clock } : {}) };
  }
  if (preview) yield { type: "site", ...preview };
  const clock = wallClock.size === stages.length ? { wallClock: inTurn([...wallClock.values()]) } : {};
  yield { type: "estimate", campaign, version, jobs: number, cost, ...(space ? { space } : {}), ...clock, notices, refusals }; // prettier-ignore
}
