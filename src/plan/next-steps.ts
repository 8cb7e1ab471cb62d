// What would change a job's lot, in one or two lines. Commands are complete but for the campaign's name.
import type { Explanation } from "./explain.ts";
import { quoted } from "./shell.ts";

type Known = Omit<Explanation, "next">;

export function nextSteps(job: Known): string[] {
  const key = quoted(job.key);
  switch (job.action) {
    case "create":
    case "rerun":
    case "retry": {
      const found = job.details.some((detail) => detail.type === "found");
      return [
        `\`cmc apply\` runs it.`,
        ...(found ? ["`cmc apply --adopt` takes the files that are there, once they pass their validators."] : []),
      ];
    }
    case "adopt":
      return ["`cmc apply --adopt` validates what is there and makes a receipt of it."];
    case "move":
      return ["`cmc apply` gives its result the new name; nothing is run."];
    case "keep":
      if (job.blocked)
        return [`Nothing needs to be done, and nothing runs it again until \`cmc release . ${key} --because "..."\`.`];
      return [`Nothing needs to be done. \`cmc apply --replace ${key}\` runs it again.`];
    case "wait":
      return waiting(job);
    case "hold":
      if (job.reason === "unresolved") return ["`cmc tick` finds out whether the scheduler took it."];
      if (job.blocked) return [`\`cmc release . ${key} --because "..."\` lets it run.`];
      return [
        `\`cmc logs ${key}\` shows what it printed.`,
        `A change of its code or parameters makes it run again; so does \`cmc retry . ${key} --because "..."\`.`,
      ];
    case "block":
      return blocked(job);
    case "forget":
      return ["Its files stay where they are."];
  }
}

/** In progress, or left out of the plan. */
function waiting({ reason, details }: Known): string[] {
  const by = details.find((detail) => detail.type === "narrowed")?.by;
  if (by === "ramp")
    return [
      '`cmc apply` runs it once its step is open; `cmc release --ramp --because "..."` opens the next one at once.',
    ];
  if (by !== undefined)
    return [`A plan without --${by} includes it${by === "limit" ? ", or one with a higher limit" : ""}.`];
  return [`It is ${reason}; \`cmc status\` follows it.`];
}

function blocked({ details, reason }: Known): string[] {
  const missing = details.filter((detail) => detail.type === "input" && detail.what === "missing");
  const steps = missing.slice(0, 3).map((detail) => `Provide ${detail.type === "input" ? detail.path : ""}.`);
  if (missing.length > 3) steps.push(`Provide ${missing.length - 3} more files.`);
  const upstream = details.find((detail) => detail.type === "upstream");
  if (upstream?.type === "upstream") steps.push(`\`cmc explain ${quoted(upstream.key)}\` says what is wrong upstream.`);
  if (steps.length > 0) return steps;
  const listing = `\`cmc plan --reason missing_input -v\` lists the files that are missing.`;
  return [reason === "budget" ? "Raise the budget, or narrow the plan." : listing];
}
