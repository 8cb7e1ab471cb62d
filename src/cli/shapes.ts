// The shapes that commands share: about a campaign, with selections, with what shapes a plan, with a reason. Which commands there are is in main.ts.
import { type Command, InvalidArgumentError, Option } from "commander";

/** A command about a campaign, which is its first argument unless `positional` says otherwise. */
export function campaignCommandOf(
  program: Command,
  name: string,
  description: string,
  positional = "[campaign]",
): Command {
  return program
    .command(`${name} ${positional}`)
    .description(description)
    .option("--set <name=value>", "value of a campaign variable (repeatable)", collect)
    .option("--vars <file>", "values of campaign variables, YAML")
    .option("--base <dir>", "folder of the campaign root instead of outputs.base")
    .option("--json", "one JSON object a line");
}

export const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** What shapes a plan, the same for every command that makes one. */
export function withPlanning(command: Command): Command {
  return command
    .option(
      "--replace <jobs>",
      "rerun these jobs although nothing changed: stages, keys or parts of keys (repeatable)",
      collect,
    )
    .option("--target <jobs>", "only these stages or jobs and what they need (repeatable)", collect)
    .option("--exclude <jobs>", "not these stages or jobs, nor what needs them (repeatable)", collect)
    .option("--canary", "one job a stage that can be reached, to try the whole path first")
    .option("--limit <n>", "at most this many jobs", parseCount)
    .option(
      "--adopt",
      "take output files that are there without a receipt as results, once they pass their validators",
    );
}

/** Which jobs are meant: beside these, keys as arguments, and `-` for keys on standard input. */
export function withFilters(command: Command): Command {
  return command
    .option("--stage <names>", "only these stages, comma-separated")
    .option("--where <axes>", "only these points: realization=3000..3099,redshift=1.4")
    .option("--reason <codes>", "only jobs to which the plan gives these reasons, comma-separated")
    .option("--state <states>", "only jobs in these states: done, failed, held, blocked, running, queued, new ...");
}

/** A person's word on jobs: who, when and why are kept in the journal. */
export function verbCommandOf(program: Command, name: string, description: string): Command {
  return withFilters(campaignCommandOf(program, name, description, "[campaign-or-jobs...]"))
    .requiredOption("--because <reason>", "why; kept in the journal")
    .option("--dry-run", "only say what would be recorded");
}

/** --json is --format json. */
export function withFormat(command: Command): Command {
  return command.addOption(
    new Option("--format <form>", "text, json, or a markdown table for a pull request").choices(["text", "json", "markdown"]).conflicts("json"), // prettier-ignore
  );
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return count;
}
