// The history as text: two lines an apply, one a verb, newest first. Pure strings.
import type { ApplyEntry, HistoryEntry, RunOutcome, VerbEntry } from "../../insight/history.ts";
import { reasonsOf } from "../../insight/history.ts";
import { grouped } from "../../plan/grouped.ts";
import type { Palette } from "../../diagnostics/palette.ts";
import { instant, jobs } from "./amount.ts";
import { hang } from "./columns.ts";
import { duration } from "./quantity.ts";

export interface Look {
  readonly palette: Palette;
  readonly width: number;
}

/** Ends with a newline. */
export function formatHistory(entries: readonly HistoryEntry[], left: number, look: Look): string {
  const lines = entries.flatMap((entry) =>
    entry.type === "apply" ? applyLines(entry, look) : [verbLine(entry, look)],
  );
  const more = left > 0 ? [look.palette.dim(`and ${grouped(left)} earlier; --limit ${entries.length + left} shows all`)] : []; // prettier-ignore
  return [...lines, ...more, ""].join("\n");
}

function applyLines(entry: ApplyEntry, { palette, width }: Look): string[] {
  const { run, at, user, host, facts } = entry;
  const parts = [instant(at), `${user}@${host}`, ...(facts ? [facts.site, commitText(entry)] : [])];
  const head = `${palette.bold(run)}  ${parts.join("  ")}  ${outcomeText(entry, palette)}`;
  return [head, hang("    ", `${plannedText(entry)}: ${resultText(entry)}`, width)];
}

export function verbLine({ verb, at, user, reason, jobs: count, example, run }: VerbEntry, look: Look): string {
  const { palette, width } = look;
  const what =
    count === undefined ? (run === undefined ? "" : ` run ${run}`) : ` ${jobs(count)}${example ? `, ${count > 1 ? "e.g. " : ""}${example}` : ""}`; // prettier-ignore
  const because = reason === undefined ? "" : `: ${JSON.stringify(reason)}`;
  return hang(`  ${palette.cyan(verb)}  `, `${instant(at)}  ${user}${what}${because}`, width);
}

/** `1a2b3c4d (main, 2 uncommitted changes)` */
export function commitText({ facts }: ApplyEntry): string {
  const git = facts?.git;
  if (!git) return "no commit";
  const about = [...(git.branch ? [git.branch] : []), ...(git.changes > 0 ? [`${changesText(git.changes)}`] : [])];
  return `${git.commit?.slice(0, 8) ?? "no commit"}${about.length > 0 ? ` (${about.join(", ")})` : ""}`;
}

export function changesText(count: number): string {
  return count === 1 ? "an uncommitted change" : `${grouped(count)} uncommitted changes`;
}

const SAID: Readonly<Record<RunOutcome, readonly [keyof Palette, string]>> = {
  done: ["green", "done"],
  failures: ["red", "with failures"],
  cancelled: ["yellow", "cancelled"],
  error: ["red", "broke off"],
  "in-progress": ["cyan", "in progress"],
  unfinished: ["yellow", "did not finish"],
};

export function outcomeText({ outcome, at, endedAt, cancelled }: ApplyEntry, palette: Palette): string {
  const [colour, text] = SAID[outcome];
  const took = endedAt === undefined ? "" : ` after ${duration(Math.max(0, endedAt - at) / 1000)}`;
  const why = outcome === "cancelled" && cancelled ? ` (${cancelled.user}: ${JSON.stringify(cancelled.reason)})` : "";
  return palette[colour](text) + took + why;
}

/** In the words of the plan's last line. */
const PLANNED = [
  { name: "new", actions: ["create"] },
  { name: "rerun", actions: ["rerun"] },
  { name: "retry", actions: ["retry"] },
  { name: "adopt", actions: ["adopt"] },
  { name: "moved", actions: ["move"] },
  { name: "blocked", actions: ["block", "hold"] },
  { name: "forgotten", actions: ["forget"] },
] as const;

/** `40 new, 20 rerun (19 code_changed, 1 requested)`: what there was, with reasons where the action does not say them. */
export function plannedText({ facts, jobs: count }: ApplyEntry): string {
  if (!facts) return `${jobs(count)} planned`;
  const parts = PLANNED.flatMap(({ name, actions }) => {
    const sum = actions.reduce((total, action) => total + (facts.counts[action] ?? 0), 0);
    if (sum === 0) return [];
    const reasons = reasonsOf(facts.groups, actions).filter(([reason]) => !SELF_EVIDENT.has(reason));
    const why = reasons.map(([reason, of]) => (of === sum ? reason : `${grouped(of)} ${reason}`));
    return [`${grouped(sum)} ${name}${why.length > 0 ? ` (${why.join(", ")})` : ""}`];
  });
  return parts.length > 0 ? parts.join(", ") : "nothing to do";
}

const SELF_EVIDENT: ReadonlySet<string> = new Set(["new", "adopt", "moved", "forget"]);

export function resultText({ done, failed, jobs: planned }: ApplyEntry): string {
  if (planned === 0) return "nothing to run";
  return `${grouped(done)} of ${grouped(planned)} done${failed > 0 ? `, ${grouped(failed)} failed` : ""}`;
}
