// A comparison as text: groups by stage and field, as a plan groups by stage and reason; job by job with -v. Pure strings.
import type { Palette } from "../../diagnostics/palette.ts";
import type { CompareGroup, Comparison, JobChange } from "../../plan/compare.ts";
import type { ComparedDetail } from "../../plan/compare-fields.ts";
import { grouped } from "../../plan/grouped.ts";
import { instant, jobs } from "./amount.ts";
import { hang, padEnd, padStart } from "./columns.ts";
import { detailText } from "./detail.ts";

/** What was compared. */
export type Side =
  | { readonly kind: "run"; readonly run: string; readonly at: number; readonly dir: string }
  | { readonly kind: "bundle"; readonly dir: string }
  | { readonly kind: "revision"; readonly name: string; readonly commit: string }
  | { readonly kind: "here"; readonly campaignDigest: string };

interface Look {
  readonly palette: Palette;
  readonly width: number;
}

const MARKS = {
  added: { mark: "+", colour: "green" },
  removed: { mark: "-", colour: "red" },
  changed: { mark: "*", colour: "yellow" },
} as const satisfies Record<JobChange["what"], { mark: string; colour: keyof Palette }>;

/** Ends with a newline. */
export function formatComparison(
  { groups, counts }: Comparison,
  [old, now]: readonly [Side, Side],
  look: Look,
): string {
  const { palette } = look;
  const title = `${palette.bold(sideText(old))} -> ${palette.bold(sideText(now))}`;
  if (groups.length === 0) return `${title}\n\n${palette.green("No differences.")} ${jobs(counts.same)} ${counts.same === 1 ? "is" : "are"} the same.\n`; // prettier-ignore
  const stages = [...new Set(groups.map(({ stage }) => stage))];
  const blocks = stages.flatMap((stage) => [
    palette.bold(stage),
    ...groups.filter((group) => group.stage === stage).flatMap((group) => groupLines(group, groups, look)),
    "",
  ]);
  const { added, removed, changed, same } = counts;
  const last = `${palette.bold("Diff:")} ${grouped(added)} added, ${grouped(removed)} removed, ${grouped(changed)} changed, ${grouped(same)} the same.`;
  return [title, "", ...blocks, legend(groups, look), "", last, ""].join("\n");
}

export function sideText(side: Side): string {
  switch (side.kind) {
    case "run":
      return `run ${side.run} (${instant(side.at)})`;
    case "bundle":
      return `bundle ${side.dir}`;
    case "revision":
      return side.commit.startsWith(side.name) ? side.name : `${side.name} (${side.commit.slice(0, 8)})`;
    case "here":
      return "what is here";
  }
}

function groupLines(group: CompareGroup, all: readonly CompareGroup[], look: Look): string[] {
  const { palette, width } = look;
  const { mark, colour } = MARKS[group.what];
  const name = (one: CompareGroup) => one.field ?? one.what;
  const countWidth = Math.max(...all.map(({ count }) => grouped(count).length));
  const nameWidth = Math.max(...all.map((one) => name(one).length));
  const head = `  ${palette[colour](mark)} ${padStart(grouped(group.count), countWidth)}  ${padEnd(palette[colour](name(group)), nameWidth)}  `;
  const single = group.count === 1 || group.range === "";
  const lines = [hang(head, single ? group.example : group.range, width)];
  const detail = group.detail && comparedText(group.detail, group.files);
  if (detail === undefined) return lines;
  const indent = " ".repeat(4 + countWidth + 2);
  const shared = group.sharing === group.count;
  const text = single ? detail : shared ? `${detail} (all; e.g. ${group.example})` : `${group.example}: ${detail}`;
  return [...lines, hang(indent, text, width, palette.dim)];
}

/** A job with the fields that changed, and a line for each detail. Made as they are printed: there may be a million. */
export function* listChanges({ changes }: Comparison, look: Look): Iterable<string> {
  for (const change of changes) yield `${changeLines(change, look).join("\n")}\n`;
  if (changes.length > 0) yield "\n";
}

function changeLines({ key, what, fields }: JobChange, { palette, width }: Look): string[] {
  const { mark, colour } = MARKS[what];
  const names = fields.length > 0 ? fields.map(({ field }) => field).join(", ") : what;
  const details = fields.flatMap(({ field, details: [head, ...rest] }) => {
    // Of code, the entry with the files behind it is one line.
    const files = field === "code" ? rest.flatMap((detail) => (detail.type === "field" ? [detail.path] : [])) : [];
    const others = field === "code" ? [] : rest.map((detail) => comparedText(detail));
    return [comparedText(head!, files), ...others];
  });
  return [
    `${palette[colour](mark)} ${key}  ${names}`,
    ...details.map((text) => hang("    ", text, width, palette.dim)),
  ];
}

function comparedText(detail: ComparedDetail, files?: readonly string[]): string {
  if (detail.type === "field" && detail.field === "outputs")
    return `${detail.path}: ${detail.old ?? "(none)"} -> ${detail.new ?? "(none)"}`;
  return detailText(detail, files);
}

/** Only the marks that are there. */
function legend(groups: readonly CompareGroup[], { palette }: Look): string {
  const seen = (["changed", "added", "removed"] as const).filter((what) => groups.some((group) => group.what === what));
  return seen.map((what) => `${palette[MARKS[what].colour](MARKS[what].mark)} ${palette.dim(what)}`).join("   ");
}
