// The plan as GitHub markdown, for a pull request: a table of groups, what it comes to, notices. From the summary alone, as the text is.
import { PLAIN } from "../../diagnostics/palette.ts";
import { grouped } from "../../plan/grouped.ts";
import type { PlanGroup, PlanSummary } from "../../plan/types.ts";
import { jobs } from "./amount.ts";
import { detailText } from "./detail.ts";
import { lastLines } from "./plan.ts";
import { markOf, SYMBOLS } from "./symbols.ts";

export interface MarkdownLook {
  /** Groups that change nothing too. */
  readonly verbose?: boolean;
  /** What the groups were filtered by, as typed. */
  readonly filter?: string;
}

/** Ends with a newline. */
export function formatMarkdown(summary: PlanSummary, { verbose, filter }: MarkdownLook): string {
  const groups = summary.groups.filter((group) => verbose || symbolOf(group) !== "");
  const only = filter === undefined ? "" : `, only ${code(filter)}`;
  const blocks = [
    `**${escaped(`${summary.campaign} ${summary.version}`)}**, ${jobs(summary.jobs)}${only}`,
    groups.length > 0 ? table(groups) : filter === undefined ? "Nothing to do." : "No changes among these jobs.",
    ...lastLines(summary, { palette: PLAIN, width: Infinity }).map(escaped),
    ...summary.notices.map((notice) => `> note: ${escaped(notice)}`),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function symbolOf({ action, reason }: PlanGroup): string {
  return SYMBOLS[markOf(action, reason)].mark;
}

function table(groups: readonly PlanGroup[]): string {
  const rows = groups.map((group) => {
    const { stage, reason, count, range, example, detail, files, sharing } = group;
    const mark = symbolOf(group);
    const said = detail ? detailText(detail, files) : "";
    const which = count > 1 && said !== "" && sharing !== count ? `${example}: ${said}` : said;
    const cells = [mark && code(mark), code(stage), code(reason), grouped(count), code(count === 1 ? example : range || `e.g. ${example}`), which && code(which)]; // prettier-ignore
    return `| ${cells.map(inCell).join(" | ")} |`;
  });
  return ["| | stage | reason | jobs | range | detail |", "|---|---|---|---:|---|---|", ...rows].join("\n");
}

/** In a table a bar ends the cell, also inside a code span. */
function inCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Nothing inside means anything. Longer fences than the text has let backticks stand. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = /^`|`$/.test(line) ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Running text. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>|~#]/g, "\\$&");
}
