// The plan as text: groups by stage, symbol and reason, never one line a job. Pure strings from the summary alone, so that a cached
// summary prints the same.
import type { Palette } from "../../diagnostics/palette.ts";
import { ACTIONS, type PlanGroup, type PlanSummary, type Reason } from "../../plan/types.ts";
import { jobs } from "./amount.ts";
import { hang, padEnd, padStart, visible } from "./columns.ts";
import { costTable } from "./cost-table.ts";
import { costLine } from "./cost.ts";
import { detailText } from "./detail.ts";
import { grouped } from "../../plan/grouped.ts";
import { type Mark, markOf, paint, SYMBOLS } from "./symbols.ts";

export interface Look {
  readonly palette: Palette;
  readonly width: number;
  /** Groups that change nothing too. */
  readonly verbose?: boolean;
  /** What the groups were filtered by, as typed. Absent: nothing. */
  readonly filter?: string;
}

/** Ends with a newline. */
export function formatPlan(summary: PlanSummary, look: Look): string {
  const { palette } = look;
  const groups = summary.groups.filter(
    (group) => look.verbose || SYMBOLS[markOfGroup(group)].mark !== "" || group.reason === "ramp",
  );
  const title = `${palette.bold(`${summary.campaign} ${summary.version}`)}  ${jobs(summary.jobs)}${look.filter ? palette.dim(`  only ${look.filter}`) : ""}`;
  const body =
    groups.length > 0
      ? [...stageBlocks(groups, summary.groups, look), ...legend(groups, look)]
      : [emptyLine(summary, look), ""];
  const notices = summary.notices.map((notice) => hang(palette.yellow("note: "), notice, look.width));
  const table = look.verbose ? costTable(summary.cost, palette) : "";
  const above = [...notices, ...(notices.length > 0 ? [""] : []), ...(table ? [table] : [])];
  return [title, "", ...body, ...above, ...lastLines(summary, look), ""].join("\n");
}

/** The last lines, always the same: scripts and eyes look for them. */
export function lastLines({ counts, cost, space, groups }: PlanSummary, { palette }: Look): string[] {
  const waiting = (reason: Reason) =>
    groups.reduce((sum, group) => sum + (group.reason === reason ? group.count : 0), 0);
  const [ramp, excluded] = [waiting("ramp"), waiting("excluded")];
  const parts = [
    `${grouped(counts.create)} new`,
    `${grouped(counts.rerun)} rerun`,
    `${grouped(counts.retry)} retry`,
    `${grouped(counts.adopt)} adopt`,
    ...(counts.move > 0 ? [`${grouped(counts.move)} moved`] : []),
    `${grouped(counts.block + counts.hold)} blocked`,
    ...(counts.forget > 0 ? [`${grouped(counts.forget)} forgotten`] : []),
    ...(ramp > 0 ? [`${grouped(ramp)} waiting for the ramp`] : []),
    ...(excluded > 0 ? [`${grouped(excluded)} left out`] : []),
    `${grouped(counts.keep + counts.wait - ramp - excluded)} unchanged`,
  ];
  return [`${palette.bold("Plan:")} ${parts.join(", ")}.`, `${palette.bold("Cost:")} ${costLine(cost, space)}`];
}

function emptyLine(summary: PlanSummary, { filter, palette }: Look): string {
  if (filter) return summary.groups.length === 0 ? "No job is meant." : "No changes among these jobs.";
  const running = summary.groups
    .filter((group) => group.reason === "running")
    .reduce((sum, group) => sum + group.count, 0);
  if (summary.partial) return "Nothing to do in this part of the plan.";
  if (running > 0) return `Nothing to start: ${jobs(running)} ${running === 1 ? "is" : "are"} running.`;
  return `${palette.green("No changes.")} Every job has its receipt, and what it vouches for is there.`;
}

const markOfGroup = ({ action, reason }: PlanGroup): Mark => markOf(action, reason);

/** A heading a stage; below it a line a group, and a line with its detail. */
function stageBlocks(groups: readonly PlanGroup[], all: readonly PlanGroup[], look: Look): string[] {
  const countWidth = Math.max(...groups.map((group) => grouped(group.count).length));
  const reasonWidth = Math.max(...groups.map((group) => group.reason.length));
  const stages = [...new Set(groups.map((group) => group.stage))];
  return stages.flatMap((stage) => {
    const own = groups.filter((group) => group.stage === stage);
    const quiet = all
      .filter((group) => group.stage === stage && markOfGroup(group) === "keep")
      .reduce((sum, group) => sum + group.count, 0);
    const heading =
      look.palette.bold(stage) + (quiet > 0 && !look.verbose ? look.palette.dim(`  ${grouped(quiet)} unchanged`) : "");
    return [heading, ...own.flatMap((group) => groupLines(group, countWidth, reasonWidth, look)), ""];
  });
}

function groupLines(group: PlanGroup, countWidth: number, reasonWidth: number, { palette, width }: Look): string[] {
  const own = markOfGroup(group);
  const mark = paint(palette, own, padStart(SYMBOLS[own].mark, 3));
  const head = `  ${mark} ${padStart(grouped(group.count), countWidth)}  ${padEnd(paint(palette, own, group.reason), reasonWidth)}  `;
  const single = group.count === 1;
  const lines = [hang(head, single ? group.example : group.range || `e.g. ${group.example}`, width)];
  const indent = " ".repeat(6 + countWidth + 2);
  const detail = group.detail ? detailText(group.detail, group.files) : undefined;
  if (single || group.range === "") return detail ? [...lines, hang(indent, detail, width, palette.dim)] : lines;
  const example = `e.g. ${group.example}`;
  if (detail === undefined) return [...lines, hang(indent, example, width, palette.dim)];
  const text = group.sharing === group.count ? `${detail} (all; ${example})` : `${example}: ${detail}`;
  return [...lines, hang(indent, text, width, palette.dim)];
}

/** Only the symbols that are there. */
function legend(groups: readonly PlanGroup[], { palette, width }: Look): string[] {
  const seen = new Map<string, Mark>();
  for (const own of [...ACTIONS, "warn"] as const)
    if (SYMBOLS[own].mark !== "" && groups.some((group) => markOfGroup(group) === own))
      seen.set(SYMBOLS[own].mark, own);
  if (seen.size === 0) return [];
  const terms = [...seen].map(([mark, own]) => `${paint(palette, own, mark)} ${palette.dim(SYMBOLS[own].means)}`);
  return [
    terms.reduce((line, term) =>
      visible(line.split("\n").at(-1)! + term) + 3 > width ? `${line}\n${term}` : `${line}   ${term}`,
    ),
    "",
  ];
}
