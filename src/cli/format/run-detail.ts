// One apply in full: where it came from, what it planned, what changed against the one before. Pure strings.
import type { ApplyEntry } from "../../insight/history.ts";
import type { RunChange } from "../../insight/run-changes.ts";
import { grouped } from "../../plan/grouped.ts";
import { quoted } from "../../plan/shell.ts";
import { ACTIONS, type Action, type Detail } from "../../plan/types.ts";
import type { ApplyFacts, PlannedGroup } from "../../state/apply-facts.ts";
import { instant } from "./amount.ts";
import { hang, padStart } from "./columns.ts";
import { detailText } from "./detail.ts";
import { changesText, type Look, outcomeText, plannedText, resultText } from "./history.ts";
import { paint, SYMBOLS } from "./symbols.ts";

/** Ends with a newline. */
export function formatRun(entry: ApplyEntry, look: Look): string {
  const { palette } = look;
  const { facts } = entry;
  const lines = [
    `${palette.bold(`Run ${entry.run}`)}${facts ? ` of ${facts.campaign} ${facts.version}` : ""}  ${outcomeText(entry, palette)}`,
    "",
    ...factLines(entry, look),
    "",
    ...(facts ? plannedLines(facts, look) : []),
    `${palette.bold("Planned:")} ${plannedText(entry)}.`,
    `${palette.bold("Results:")} ${resultText(entry)}.`,
    "",
    ...changeLines(entry, look),
    "",
  ];
  return lines.join("\n");
}

function factLines(entry: ApplyEntry, look: Look): string[] {
  const { facts, endedAt } = entry;
  const rows: (readonly [string, string | undefined])[] = [
    ["started", `${instant(entry.at)} by ${entry.user} on ${entry.host}`],
    ["ended", endedAt === undefined ? undefined : instant(endedAt)],
    ["command", facts && ["cmc", ...facts.command].map(quoted).join(" ")],
    ["site", facts?.site],
    ["commit", facts?.git && (facts.git.commit ?? "none yet") + (facts.git.branch ? ` on ${facts.git.branch}` : "")],
    ["uncommitted", facts?.git && facts.git.changes > 0 ? uncommitted(facts.git) : undefined],
    ["campaign", entry.campaignDigest],
    ["bundle", facts?.bundleDir ?? entry.bundle],
    ["tool", [`cmc ${entry.tool}`, ...(facts ? [`node ${facts.node}`, facts.platform] : [])].join(", ")],
    ["lock file", facts?.lockFile && `${facts.lockFile.path} sha256 ${facts.lockFile.sha256}`],
    ["variables", facts && pairs(facts.variables)],
    ["options", facts && pairs(facts.options)],
    ["", facts ? undefined : "An earlier cmc applied it: commit, site, variables and reasons were not recorded."],
  ];
  return rows.flatMap(([name, text]) => text === undefined || text === "" ? [] : [hang(look.palette.dim(name.padEnd(13)), text, look.width)]); // prettier-ignore
}

function uncommitted({ changes, dirty, diffDigest }: NonNullable<ApplyFacts["git"]>): string {
  const named = dirty.slice(0, 5).join(", ") + (changes > 5 ? ` and ${grouped(changes - 5)} more` : "");
  return `${changesText(changes)}: ${named}; difference sha256 ${diffDigest ?? "unknown"}`;
}

function pairs(values: ApplyFacts["options"]): string {
  return Object.entries(values).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join("  "); // prettier-ignore
}

function plannedLines({ groups }: ApplyFacts, look: Look): string[] {
  const shown = groups.filter(({ action }) => action !== "keep" && action !== "wait");
  const width = Math.max(0, ...shown.map(({ count }) => grouped(count).length));
  const stages = [...new Set(shown.map(({ stage }) => stage))];
  return stages.flatMap((stage) => [
    look.palette.bold(stage),
    ...shown.filter((group) => group.stage === stage).flatMap((group) => groupLines(group, width, look)),
    "",
  ]);
}

function groupLines(group: PlannedGroup, countWidth: number, { palette, width }: Look): string[] {
  const known = ACTIONS.includes(group.action as Action) ? (group.action as Action) : undefined;
  const mark = padStart(known ? SYMBOLS[known].mark : "?", 3);
  const head = `  ${known ? paint(palette, known, mark) : mark} ${padStart(grouped(group.count), countWidth)}  ${group.reason}  `;
  const detail = recordedDetail(group);
  const where = group.range || (group.example ?? "");
  const indent = " ".repeat(6 + countWidth + 2);
  return [hang(head, where, width), ...(detail ? [hang(indent, detail, width, palette.dim)] : [])];
}

/** As the journal has it: a later cmc may have written kinds of details that this one does not know. */
function recordedDetail({ detail, files, sharing, count, example }: PlannedGroup): string | undefined {
  const text =
    detail === undefined ? undefined : (detailText(detail as unknown as Detail, files) as string | undefined);
  if (text === undefined) return undefined;
  return count === 1 || sharing === count ? text : `${example}: ${text}`;
}

function changeLines({ before, changes, facts }: ApplyEntry, look: Look): string[] {
  const { palette } = look;
  if (before === undefined) return ["The first apply of this campaign."];
  const head = `${palette.bold("Against the apply before")} (${before}):`;
  if (changes.length > 0) return [head, ...changes.map((change) => hang("  ", changeText(change), look.width))];
  return [`${head} ${facts ? "the same code, variables and axes." : "nothing is known to have changed."}`];
}

export function changeText(change: RunChange): string {
  switch (change.type) {
    case "variable":
      return `variable ${change.name}: ${arrow(change)}`;
    case "stage":
      return `stage ${change.name} was ${change.what}`;
    case "axis": {
      const values = [...(change.added ?? []).map((value) => `+${value}`), ...(change.removed ?? []).map((value) => `-${value}`)]; // prettier-ignore
      const which = values.length > 0 ? ` (${values.slice(0, 10).join(", ")}${values.length > 10 ? ` and ${values.length - 10} more` : ""})` : ""; // prettier-ignore
      return `axis ${arrow(change)}${which}, in ${change.stages.join(", ")}`;
    }
    case "code":
      return `code: ${change.path} was ${change.what}, in ${change.stages.join(", ")}`;
    default: {
      const short = (text: string | undefined) => (text === undefined ? undefined : text.slice(0, 12));
      return `${change.type.replace("-", " ")}: ${arrow({ old: short(change.old), new: short(change.new) })}`;
    }
  }
}

function arrow(sides: { readonly old?: string | undefined; readonly new?: string | undefined }): string {
  return `${sides.old ?? "(none)"} -> ${sides.new ?? "(none)"}`;
}
