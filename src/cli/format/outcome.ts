// How an apply ended: one line of counts, and at the very end the next command. Pure.
import type { Applied } from "../../apply/apply.ts";
import { turnLine, turnObject } from "../../apply/cluster.ts";
import type { Context } from "../context.ts";
import { rampNext } from "../../plan/narrow/ramp-text.ts";
import { quoted } from "../../plan/shell.ts";
import type { PlanSummary } from "../../plan/types.ts";
import { jobs } from "./amount.ts";
import { count, duration } from "./quantity.ts";

export function formatOutcome(
  { outcome, planned, run, turn, seconds }: Applied,
  { palette }: Pick<Context, "palette">,
): string {
  if (turn) return `${palette.green("Handed over.")} ${turnLine(turn)}.\n`;
  if (!run) return "";
  const { done, failed, blocked, remaining, warnings } = run;
  const moved = planned.plan.moves.size;
  const parts = [
    ...(moved > 0 ? [`${count(moved)} moved`] : []),
    `${count(done)} done${warnings > 0 ? ` (${count(warnings)} with warnings)` : ""}`,
    ...(failed > 0 ? [palette.red(`${count(failed)} failed`)] : []),
    ...(blocked > 0 ? [palette.yellow(`${count(blocked)} blocked`)] : []),
    ...(remaining > 0 ? [`${count(remaining)} not done`] : []),
  ];
  const head = {
    done: palette.green("Applied."),
    failures: palette.red("Applied with failures."),
    cancelled: palette.yellow("Cancelled."),
    nothing: "",
    declined: "",
    "handed-over": "",
  }[outcome];
  const rate = seconds > 0 && done > 0 ? `, ${(done / seconds).toFixed(done / seconds >= 10 ? 0 : 1)} jobs/s` : "";
  return `${head} ${parts.join(", ")} in ${duration(seconds)}${rate}.\n`;
}

/** The campaign and its values as the user gave them, so that the commands shown can be pasted. */
export function asGiven(campaign: string | undefined, { set = [], vars, base }: Given): string {
  const words = [...(campaign === undefined ? [] : [campaign]), ...set.flatMap((pair) => ["--set", pair])];
  if (vars !== undefined) words.push("--vars", vars);
  if (base !== undefined) words.push("--base", base);
  return words.map((word) => ` ${quoted(word)}`).join("");
}

interface Given {
  readonly set?: readonly string[];
  readonly vars?: string;
  readonly base?: string;
}

/** Jobs that a plan cannot run, whatever it does: their inputs are missing, or their tries used up. */
export function leftOut({ counts }: PlanSummary): number {
  return counts.block + counts.hold;
}

/** What to do next, as the last lines. `given`: of asGiven. */
export function formatNext(applied: Applied, root: string, given: string): string {
  const { outcome, planned, run } = applied;
  const named = (command: string) => `\`cmc ${command}${given}\``;
  const out = leftOut(planned.plan.summary);
  const failed = run?.failures[0]?.key;
  const skipped = [...partLines(applied, named), ...rampLines(applied, named)];
  const lines: Partial<Record<Applied["outcome"], readonly string[]>> = {
    nothing: [...skipped],
    failures: [
      ...skipped,
      "Finished jobs are kept.",
      `Next: ${named("status")} lists failures, ${named(`explain ${quoted(failed ?? exampleKey(planned))}`)} says why; correct the cause and ${named("apply")} again, or ${named('retry --because "..."')}.`,
    ],
    cancelled: [
      "Finished jobs are kept; nothing half-written was published.",
      `Next: ${named("apply")} goes on from here.`,
    ],
    "handed-over": [
      ...skipped,
      "Nothing has to stay alive for what is submitted; the next turn retries, tops up and goes on to the next stage.",
      `Next: ${named("tick")} takes a turn, ${named("tick --install")} prints the line for scrontab, ${named("watch")} shows progress, ${named("status")}.`,
    ],
    done: [
      ...skipped,
      ...(out > 0 ? [`${jobs(out)} could not be run: ${named("plan")} says why.`] : []),
      `Results, manifest and receipts: ${root}`,
      `Next: ${named("status")}, ${named(`explain ${quoted(exampleKey(planned))}`)}, ${named("plan")}.`,
    ],
  };
  return (lines[outcome] ?? []).map((line) => `${line}\n`).join("");
}

/** Of a saved plan that was applied where the campaign's source is not: commands that compile it are of no use here. */
export function nextWithoutSource({ outcome }: Pick<Applied, "outcome">, root: string): string {
  if (outcome === "nothing" || outcome === "declined") return "";
  const at = `--root ${quoted(root)}`;
  if (outcome === "handed-over") return `Next: \`cmc tick ${at}\` takes a turn, \`cmc tick ${at} --install\` prints the line for scrontab, \`cmc watch ${at}\` shows progress.\n`; // prettier-ignore
  return `Results, manifest and receipts: ${root}\nThe campaign's source is not here; where it is, \`cmc status\` and \`cmc plan\` say what is left.\n`;
}

/** What a partial plan left for later. */
function partLines({ outcome, planned }: Applied, named: (command: string) => string): string[] {
  const { narrowing } = planned.plan.summary;
  const parts = narrowing.filter(({ leftOut }) => leftOut > 0);
  if (parts.length === 0) return [];
  const total = parts.reduce((sum, part) => sum + part.leftOut, 0);
  const options = parts.map(({ option }) => `--${option}`).join(" and ");
  const when = outcome === "handed-over" ? ", also while these are in progress" : "";
  return [
    `${jobs(total)} ${total === 1 ? "was" : "were"} left out by ${options}: ${named("apply")} without it goes on${when}.`,
  ];
}

function rampLines({ outcome, planned, ramp }: Applied, named: (command: string) => string): string[] {
  const before = planned.plan.summary.ramp;
  const release = named('release --ramp --because "..."');
  if (outcome === "handed-over" && before?.next !== undefined)
    return [
      `These are jobs of step ${before.step} of ${before.steps} of the ramp; the next step takes the next ${named("apply")}.`,
    ];
  return ramp ? rampNext(ramp, named("apply"), release) : [];
}

export function outcomeObject({ outcome, run, turn, seconds, planned, ramp }: Applied, root: string): object {
  const step = ramp ?? planned.plan.summary.ramp;
  const more = { partial: planned.plan.partial, ...(step ? { ramp: step } : {}) };
  if (turn) return { ...turnObject(turn), type: "outcome", outcome, seconds, root, ...more };
  const { done = 0, failed = 0, blocked = 0, remaining = 0 } = run ?? {};
  return {
    type: "outcome",
    outcome,
    moved: planned.plan.moves.size,
    done,
    failed,
    blocked,
    remaining,
    seconds,
    root,
    ...more,
  };
}

function exampleKey({ plan }: Applied["planned"]): string {
  return plan.summary.groups[0]?.example ?? "JOB";
}
