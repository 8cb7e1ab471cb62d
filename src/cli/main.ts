#!/usr/bin/env node
// The command line: names, options and help of every command. What a command does is in commands/, loaded when it is used.
import { Command, CommanderError } from "commander";
import { DiagnosticError } from "../diagnostics/diagnostic.ts";
import { EXIT } from "../diagnostics/exit.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import { processContext } from "./context.ts";
import { EXAMPLES } from "./examples.ts";
import { exitCodeOf, internalDiagnostic, usageDiagnostic } from "./exit-code.ts";
import { beginJson, printDiagnostics } from "./json-output.ts";
import {
  campaignCommandOf,
  collect,
  parseCount,
  verbCommandOf,
  withFilters,
  withFormat,
  withPlanning,
} from "./shapes.ts";

type Action = (...args: never[]) => Promise<number>;

const context = processContext();
const program = new Command("cmc")
  .description("Campaign compiler: a typed campaign becomes a plan, the plan becomes jobs, jobs become receipts.")
  .version(TOOL_VERSION, "-V, --version")
  .exitOverride()
  .showSuggestionAfterError()
  .configureOutput({
    writeErr: (text) => context.err(text),
    writeOut: (text) => context.out(text),
    outputError: (text) => printDiagnostics(context, [usageDiagnostic(text, process.argv[2])]),
  })
  .addHelpText(
    "after",
    `
Examples:
  cmc plan campaigns/roman-grs                   what would run, and why
  cmc apply campaigns/roman-grs                  run it on this machine
  cmc plan --stage mock --where redshift=1.1 -v  the jobs of one redshift
  cmc explain 'mock[realization=3,redshift=1.1]' why one job is as it is

Exit codes: 0 ok, 1 error, 2 changes (--detailed-exitcode), 3 invalid, 4 stale, 5 refused, 6 locked, 7 unexpected changes,
            8 cancelled, 9 failed jobs, 10 scheduler unreachable.`,
  );

let exitCode: number = EXIT.ok;
let wantsJson = false;

/** Runs a command's module; expected failures become diagnostics and an exit code. */
function run(load: () => Promise<Action>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    if (command.opts<{ format?: string }>().format === "json") command.setOptionValue("json", true);
    wantsJson = command.opts<{ json?: boolean }>().json === true;
    if (wantsJson) beginJson(context, command.name());
    const action = await load();
    exitCode = await action(...([context, ...args.slice(0, -1)] as never[]));
  };
}

const campaignCommand = (name: string, description: string, positional?: string): Command =>
  campaignCommandOf(program, name, description, positional);
const verbCommand = (name: string, description: string): Command => verbCommandOf(program, name, description);

campaignCommand("check", "type-check the campaign and list its stages, axes and variables")
  .action(run(async () => (await import("./commands/check.ts")).check)); // prettier-ignore

campaignCommand("build", "render the bundle without running it")
  .option("--site <name>", "site profile: a name or a YAML file", "local")
  .option("--out <dir>", "folder for generated bundles")
  .action(run(async () => (await import("./commands/build.ts")).build)); // prettier-ignore

withPlanning(withFormat(withFilters(campaignCommand("plan", "show what apply would do to every job, and why", "[campaign-or-jobs...]"))))
  .option("-o, --out <file>", "save the plan: `cmc apply FILE` does exactly this, or refuses; a campaign with uncommitted changes needs --allow-dirty")
  .option("--allow-dirty", "with -o: save it although the campaign has uncommitted changes; apply does not ask again")
  .option("-v, --verbose", "list the jobs")
  .option("--list", "print bare job keys")
  .option("--site <name>", "also show how this site would carry it out: arrays or pools, tasks, resources; with -o: the site it is for")
  .option("--detailed-exitcode", "exit 2 when there is something to do")
  .option("--expect-no-changes", "exit 7 when there is something to do")
  .option("--no-cache", "neither read nor write caches")
  .action(run(async () => (await import("./commands/plan.ts")).plan)); // prettier-ignore

campaignCommand("estimate", "what the whole campaign would cost, and how long it would take, as if nothing were done")
  .option("--nodes <n>", "wall-clock time on so many nodes", parseCount)
  .option("--site <name>", "with this site's defaults, job types and lanes: a name or a YAML file")
  .action(run(async () => (await import("./commands/estimate.ts")).estimate)); // prettier-ignore

withPlanning(campaignCommand("apply", "plan, ask, and carry out what the plan says: here, or through the site's scheduler; of a saved plan: exactly what it says, without asking", "[campaign-or-plan]"))
  .option("--auto-approve", "do not ask")
  .option("--jobs <n>", "workers at once (default: processors)", parseCount)
  .option("--memory <size>", "memory for all jobs together, e.g. 16 GB (default: this machine's)")
  .option("--allow-dirty", "run although the campaign has uncommitted changes")
  .option("--site <name>", "site profile: a name or a YAML file (default: local; a saved plan has its own)")
  .action(run(async () => (await import("./commands/apply.ts")).apply)); // prettier-ignore

campaignCommand("tick", "take one turn of a campaign on a cluster: reconcile, retry, submit what is ready, and exit")
  .option("--root <dir>", "the campaign root itself: nothing is compiled, for scrontab and cron")
  .option("--install", "print the scrontab line that takes a turn every ten minutes; nothing is done")
  .action(run(async () => (await import("./commands/tick.ts")).tick)); // prettier-ignore

campaignCommand("watch", "take a turn again and again, until nothing is in progress")
  .option("--root <dir>", "the campaign root itself: nothing is compiled")
  .option("--every <duration>", "time between two turns", "1m")
  .action(run(async () => (await import("./commands/watch.ts")).watch)); // prettier-ignore

campaignCommand("status", "progress, failures and gates of a campaign")
  .option("--check", "exit 9 when jobs failed or are blocked")
  .action(run(async () => (await import("./commands/status.ts")).status)); // prettier-ignore

withPlanning(campaignCommand("explain", "why a job is as it is, and what would change it", "<job> [campaign]"))
  .action(run(async () => (await import("./commands/explain.ts")).explainJob)); // prettier-ignore

withFormat(campaignCommand("show", "a job as its worker sees it: point, parameters, inputs, outputs, command; or a saved plan", "<job-or-plan> [campaign]"))
  .option("-v, --verbose", "of a saved plan: list the jobs")
  .option("--list", "of a saved plan: print bare job keys")
  .option("--stage <names>", "of a saved plan: only these stages, comma-separated")
  .option("--where <axes>", "of a saved plan: only these points: realization=3000..3099,redshift=1.4")
  .option("--reason <codes>", "of a saved plan: only jobs to which it gives these reasons, comma-separated")
  .option("--site <name>", "of a job: also what it asks of this site, and who says each field: profile, campaign, stage or job")
  .action(run(async () => (await import("./commands/show.ts")).show)); // prettier-ignore

campaignCommand("logs", "what a job printed", "<job> [campaign]")
  .option("--attempt <n>", "of this attempt (default: the last)", parseCount)
  .action(run(async () => (await import("./commands/logs.ts")).logs)); // prettier-ignore

verbCommand("retry", "let failed and held jobs be tried again: by the next tick of a run in progress, else by the next apply")
  .action(run(async () => (await import("./commands/retry.ts")).retry)); // prettier-ignore

verbCommand("block", "let nothing begin these jobs until they are released")
  .option("--all", "every job of the campaign")
  .action(run(async () => (await import("./commands/block.ts")).block)); // prettier-ignore

verbCommand("release", "take back blocks, and holds of ticks and cancellations; forgives no failure")
  .option("--ramp", "open the next step of the campaign's ramp instead, although the last one is not finished, or not fine")
  .action(run(async () => (await import("./commands/release.ts")).release)); // prettier-ignore

verbCommand("accept", "let changes of these jobs not matter: their results go on counting")
  .option("--all", "every job that has a result and changed")
  .action(run(async () => (await import("./commands/accept.ts")).accept)); // prettier-ignore

verbCommand("adopt", "let files that are there become results of these jobs, once their validators pass; nothing is run")
  .option("--from <pattern>", "files of another layout: 'old/ph{realization}/mock_z{redshift}.hdf5' (repeatable)", collect)
  .option("--output <name>", "the output that the files of --from are, as mock.catalog (one for each --from)", collect)
  .option("--how <way>", "how they are brought to their places: link, copy or move (default: link)")
  .option("--jobs <n>", "validate so many at once (default: processors)", parseCount)
  .option("--allow-dirty", "adopt although the campaign has uncommitted changes")
  .action(run(async () => (await import("./commands/adopt.ts")).adopt)); // prettier-ignore

verbCommand("forget", "let the results of these jobs count no longer; files and receipts stay")
  .option("--all", "every job with a result")
  .action(run(async () => (await import("./commands/forget.ts")).forget)); // prettier-ignore

withFilters(campaignCommand("cancel", "take back what is in progress: an apply on this machine, or jobs in a cluster's queue", "[campaign-or-jobs...]"))
  .option("--now", "on this machine: stop running jobs, too, instead of letting them finish")
  .option("--whole-tasks", "on a cluster: also end array tasks that hold other jobs; these are submitted again")
  .option("--dry-run", "only say what would be cancelled")
  .option("--because <reason>", "why; kept in the journal")
  .action(run(async () => (await import("./commands/cancel.ts")).cancel)); // prettier-ignore

campaignCommand("history", "the applies of a campaign, newest first, and what people said between them; or one of them in full", "[campaign-or-run...]")
  .option("--limit <n>", "at most this many entries (default: 20)", parseCount)
  .action(run(async () => (await import("./commands/history.ts")).history)); // prettier-ignore

campaignCommand("diff", "what differs between two versions of a campaign, job by job: runs, bundles, git revisions, or what is here now", "<version> [version-or-campaign...]")
  .option("-v, --verbose", "list the jobs")
  .action(run(async () => (await import("./commands/diff.ts")).diff)); // prettier-ignore

campaignCommand("verify", "compare results with their receipts: what is missing, changed or damaged, and files nobody accounts for; repairs nothing", "[campaign-or-jobs...]")
  .option("--stage <names>", "only these stages, comma-separated")
  .option("--where <axes>", "only these points: realization=3000..3099,redshift=1.4")
  .option("-v, --verbose", "list everything that is not as it should be")
  .option("--foreign", "list every file that no result accounts for")
  .option("--deep", "also read contents and compare with recorded digests; goes on where it was interrupted (kept in metadata/verify.ndjson, a cache)")
  .option("--jobs <n>", "read so many outputs at once (default: processors)", parseCount)
  .option("--restart", "with --deep: begin anew")
  .option("--record <because>", "with --deep: record digests of results that have none, as they are now, and why")
  .option("--validate", "also run the HDF5, JSON and size validators of the campaign again")
  .option("--write", "record damage that a listing does not show (the last --deep is believed after another look), so that the plan runs these jobs again")
  .action(run(async () => (await import("./commands/verify.ts")).verify)); // prettier-ignore

campaignCommand("mv", "rename a stage, an axis, a value or an output in the source; its results are kept", "<from> <to> [campaign]")
  .option("--dry-run", "print the edit as a unified diff and write nothing")
  .option("--entry", "add the moved(...) entry although nothing was run under the old name")
  .action(run(async () => (await import("./commands/mv.ts")).mv)); // prettier-ignore

campaignCommand("rebuild", "write metadata/campaign.db and provenance.json again from the journal")
  .action(run(async () => (await import("./commands/rebuild.ts")).rebuild)); // prettier-ignore

campaignCommand("force-unlock", "break a campaign lock whose holder is known to be gone", "<id> [campaign]")
  .action(run(async () => (await import("./commands/force-unlock.ts")).forceUnlockCommand)); // prettier-ignore

campaignCommand("doctor", "check this machine, the campaign's root and repository where one is in reach, and a site")
  .option("--site <name>", "also this site's scheduler and limits: a name or a YAML file")
  .action(run(async () => (await import("./commands/doctor.ts")).doctor)); // prettier-ignore

program
  .command("import <files...>")
  .description("turn YAML productions of covariance-mocks into campaign modules and a site profile")
  .option("--out <dir>", "folder of the module (default: campaigns/NAME); of several productions: of their folders")
  .option("--machine <name>", "machine whose defaults hold: a name (default: nersc), or their YAML file")
  .option("--force", "replace files that are there")
  .option("--json", "one JSON object a line")
  .action(run(async () => (await import("./commands/import.ts")).importCommand)); // prettier-ignore

program
  .command("site")
  .description("site profiles: what cmc and the scripts of a bundle know of a machine")
  .command("show [site]")
  .description("every field of a site profile, and which line of which file says it")
  .option("--json", "one JSON object a line")
  .action(run(async () => (await import("./commands/site-show.ts")).siteShow)); // prettier-ignore

for (const command of program.commands)
  command.addHelpText("after", `\nExamples:\n${EXAMPLES[command.name()]!.map((line) => `  ${line}`).join("\n")}`);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    const asked =
      error.code === "commander.helpDisplayed" || error.code === "commander.version" || error.code === "commander.help";
    exitCode = asked && error.exitCode === 0 ? EXIT.ok : EXIT.invalid;
  } else {
    const diagnostics = error instanceof DiagnosticError ? error.diagnostics : [internalDiagnostic(error, context.env)];
    printDiagnostics(context, diagnostics, wantsJson);
    exitCode = exitCodeOf(diagnostics);
  }
}
process.exitCode = exitCode;
