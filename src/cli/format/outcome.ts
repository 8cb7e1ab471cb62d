// How an apply ended, in a few lines: counts, what failed first, what is left, the next command. Pure.
import type { Applied } from "../../apply/apply.ts";
import type { Context } from "../context.ts";
import { count, duration } from "./quantity.ts";

export function formatOutcome(
  { outcome, run, planned, seconds }: Applied,
  { palette }: Pick<Context, "palette">,
): string {
  if (!run) return "";
  const { done, failed, blocked, remaining } = run;
  const parts = [
    `${count(done)} done`,
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
  }[outcome];
  const rate = seconds > 0 && done > 0 ? `, ${(done / seconds).toFixed(done / seconds >= 10 ? 0 : 1)} jobs/s` : "";
  const lines = [`${head} ${parts.join(", ")} in ${duration(seconds)}${rate}.`];
  if (outcome === "failures")
    lines.push(
      "Finished jobs are kept. Next: `cmc status` lists failures, `cmc explain JOB` says why, `cmc retry --because ...` tries again.",
    );
  if (outcome === "cancelled")
    lines.push("Finished jobs are kept; nothing half-written was published. Next: `cmc apply` goes on from here.");
  if (outcome === "done") lines.push(`Next: \`cmc status\`, \`cmc explain ${exampleKey(planned)}\`.`);
  return `${lines.join("\n")}\n`;
}

function exampleKey({ plan }: Applied["planned"]): string {
  const example = plan.summary.groups[0]?.example ?? "JOB";
  return /^[A-Za-z0-9_.-]+$/.test(example) ? example : `'${example}'`;
}
