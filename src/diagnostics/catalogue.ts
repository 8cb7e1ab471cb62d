// The catalogue of diagnostic codes: what each means, its exit code, and what to do. docs/reference/diagnostics.md is generated from it.
import type { ExitName } from "./exit.ts";

interface Entry {
  readonly exit: ExitName;
  /** What it means, for the reference page. */
  readonly means: string;
  /** Default remedy. */
  readonly remedy: string;
}

export const CATALOGUE = {
  "cli/usage": { exit: "invalid", means: "The command line is not understood.", remedy: "See `cmc --help`." },
  "cli/no-campaign": { exit: "invalid", means: "No campaign was named and none, or more than one, is in reach.", remedy: "Name it: `cmc plan campaigns/NAME`." },
  "cli/not-approved": { exit: "invalid", means: "apply was not approved and there is no terminal to ask on.", remedy: "Run it on a terminal, or pass --auto-approve." },
  "cli/unknown-job": { exit: "invalid", means: "No job of the campaign has this key.", remedy: "`cmc plan --list` prints all keys." },
  "cli/no-log": { exit: "error", means: "A job has no log to show.", remedy: "It has not run, or did not print." },
  "cli/bad-filter": { exit: "invalid", means: "A filter names an axis, a value, a stage, a state or a reason that does not exist.", remedy: "`cmc plan` shows the stages and their axes." },
  "cli/bad-keys": { exit: "invalid", means: "Keys on standard input cannot be read.", remedy: "One key a line, as `cmc plan --list` prints them, or its --json." },
  "cli/unknown-set": { exit: "invalid", means: "--set names a variable the campaign does not declare.", remedy: "The campaign's variables are listed by `cmc check`." },
  "cli/unknown-run": { exit: "invalid", means: "No apply of the campaign has this id, or several ids begin with it.", remedy: "`cmc history` lists the applies." },
  "cli/unknown-version": { exit: "invalid", means: "`cmc diff` was given something that is no run, bundle folder or git revision.", remedy: "`cmc history` lists the applies, `git log` the revisions." },
  "cli/bundle-gone": { exit: "invalid", means: "The bundle of an apply is no longer there, so nobody knows all its jobs.", remedy: "Compare with the commit that `cmc history RUN` names." },
  "cli/revision": { exit: "invalid", means: "The campaign of a git revision cannot be checked out or does not compile.", remedy: "Compare with a revision at which `cmc check` passes." },
  "cli/internal": { exit: "error", means: "A fault of cmc itself.", remedy: "Please report it with the stack shown by CMC_DEBUG=1." },

  "compile/not-found": { exit: "invalid", means: "The campaign module does not exist or cannot be read.", remedy: "Give the path of campaign.ts or of its folder." },
  "compile/type": { exit: "invalid", means: "TypeScript found a type error.", remedy: "Correct the type; the message names what is expected." },
  "compile/syntax": { exit: "invalid", means: "TypeScript could not parse the module.", remedy: "Correct the syntax." },
  "compile/unknown-axis": { exit: "invalid", means: "A path, echo or fan-in names an axis that the stage's matrix does not have.", remedy: "Use an axis of the matrix, or add it." },
  "compile/unknown-output": { exit: "invalid", means: "A stage is asked for an output it does not have.", remedy: "Use one of the outputs the stage declares." },
  "compile/unknown-input": { exit: "invalid", means: "A task or command uses an input port the stage does not declare.", remedy: "Declare it under inputs, or correct the name." },
  "compile/unknown-option": { exit: "invalid", means: "An option nothing consumes.", remedy: "Remove it or correct its name." },
  "compile/bad-unit": { exit: "invalid", means: "A duration or size is not written with a known unit.", remedy: 'Durations: "90s", "10m", "1.5h", "2d". Sizes: "10 kB", "128 GB", "4 GiB".' },
  "compile/bad-axis": { exit: "invalid", means: "An axis or matrix cannot be made.", remedy: "Correct the axis." },
  "compile/bad-pattern": { exit: "invalid", means: "A listing pattern cannot be understood.", remedy: "A field is {name}, {name:int} or {name:number}." },
  "compile/bad-definition": { exit: "invalid", means: "A stage or campaign definition has a value that is not allowed.", remedy: "Correct the value." },
  "compile/bad-path": { exit: "invalid", means: "An output path is empty, absolute, leaves the campaign root, or lies in a folder cmc keeps for itself.", remedy: "Make it relative to the campaign root, without `..`, outside metadata/ journal/ claims/ staging/ logs/." },
  "compile/shared-output": { exit: "invalid", means: "Two jobs would write the same path, or one inside the other's folder.", remedy: "Use every axis of the matrix in the path." },
  "compile/duplicate-stage": { exit: "invalid", means: "Two stages have the same name.", remedy: "Rename one of them." },
  "compile/unlisted-stage": { exit: "invalid", means: "A stage is defined, or taken input from, and not listed in the campaign.", remedy: "Add it to `stages`, or remove the definition." },
  "compile/stage-cycle": { exit: "invalid", means: "Stages need each other's outputs in a circle.", remedy: "Break the circle; the message names it." },
  "compile/edge-unmatched": { exit: "invalid", means: "A job needs an upstream job that the upstream matrix does not have.", remedy: "Make the matrices agree (same values, same filter), or use a quorum." },
  "compile/empty-stage": { exit: "invalid", means: "A stage has no jobs.", remedy: "Check its axes and filter." },
  "compile/too-many-jobs": { exit: "invalid", means: "The campaign expands to more jobs than cmc handles.", remedy: "Split the campaign; the limit is two million jobs." },
  "compile/no-campaign": { exit: "invalid", means: "The module has no campaign as its default export.", remedy: "End it with `export default defineCampaign({ ... })`." },
  "compile/not-json": { exit: "invalid", means: "A parameter is not plain JSON (function, date, NaN, undefined, class instance).", remedy: "Parameters are null, booleans, finite numbers, strings, arrays and plain objects." },
  "compile/impure": { exit: "invalid", means: "The module used clock, randomness, environment, locale, file system or network while it was evaluated.", remedy: "Use a campaign variable, a listing, or seedFrom(...) instead." },
  "compile/import": { exit: "invalid", means: "An import cannot be resolved or is not allowed in a campaign module.", remedy: "Import from \"cmc\", from files beside the campaign, or from installed packages that need no Node." },
  "compile/threw": { exit: "invalid", means: "The module threw while it was evaluated.", remedy: "Correct the code at the position shown." },
  "compile/timeout": { exit: "invalid", means: "The module did not finish evaluating in time.", remedy: "Look for an endless loop at the position shown; evaluation may take 60 s." },
  "compile/task-reference": { exit: "invalid", means: "task(...) was given a function that cannot be traced to a module's top level.", remedy: "Pass an exported function, or write it inline at the top level of the campaign." },
  "compile/variable-missing": { exit: "invalid", means: "A campaign variable without a default was not given.", remedy: "Give it with --set NAME=VALUE." },
  "compile/variable-invalid": { exit: "invalid", means: "A campaign variable has a value of the wrong type.", remedy: "Give a value of the type shown." },
  "compile/variable-twice": { exit: "invalid", means: "A variable is declared twice, with different options.", remedy: "Declare it once and import it." },
  "compile/listing-needed": { exit: "error", means: "Internal: a listing is taken and the module evaluated again.", remedy: "Please report it." },
  "compile/listing-missing": { exit: "invalid", means: "The folder of a listing is not there or cannot be read.", remedy: "Check the path; variables of type path are relative to the working directory." },
  "compile/listing-empty": { exit: "invalid", means: "No file matches a listing's pattern.", remedy: "Check folder and pattern." },
  "compile/listing-unused": { exit: "invalid", means: "A listing is taken and no job reads a file below its folder.", remedy: "Use its paths in inputFile or inputFiles, or remove the listing." },
  "compile/code-undeclared": { exit: "invalid", means: "A command names a file beside the campaign without declaring it as code.", remedy: "Declare it under `code`." },
  "compile/code-missing": { exit: "invalid", means: "A file declared as a command's code cannot be read.", remedy: "Check the path; it is relative to the campaign's folder." },
  "compile/bad-move": { exit: "invalid", means: "A `moved` entry cannot be meant: its parts do not agree, or it leads to or from something else than it says.", remedy: "`from` is what was, `to` is what the campaign has now." },
  "compile/lock-file": { exit: "invalid", means: "A lock file declared as an environment fact cannot be read.", remedy: "Check the path; it is relative to the campaign's folder." },
  "compile/gate-metric": { exit: "invalid", means: "A gate has no threshold, or names no metric.", remedy: "Give min, max or equals." },

  "state/locked": { exit: "locked", means: "Another command holds the campaign.", remedy: "Wait for it; `cmc force-unlock ID` breaks a lock whose holder is known to be gone." },
  "state/journal-corrupt": { exit: "error", means: "A line in the middle of a journal does not match its checksum.", remedy: "The lines before and after were used. Look at the file; if an attempt was lost, the plan shows its job as not done." },
  "state/journal-version": { exit: "error", means: "A journal was written by a newer cmc.", remedy: "Use that version or a newer one." },
  "state/unwritable": { exit: "error", means: "The campaign root, or a folder in it, cannot be written.", remedy: "Check permissions, quota and free space; then run the same command again: finished jobs are kept." },
  "state/disk-full": { exit: "error", means: "There is no space left on the device.", remedy: "Free space, then run the same command again: finished jobs are kept." },

  "observe/unreadable": { exit: "error", means: "A folder of outputs or inputs cannot be read: whether its files are there is not known.", remedy: "Check permissions and that the file system is mounted; nothing was changed." },

  "state/other-host": { exit: "error", means: "The command that holds the campaign runs on another host.", remedy: "Run this command there." },
  "state/no-journal": { exit: "error", means: "Nothing was applied at this campaign root.", remedy: "Check --base and the campaign's version; `cmc apply` makes the first journal." },
  "state/no-such-lock": { exit: "error", means: "force-unlock was given an id that does not hold the campaign.", remedy: "`cmc status` shows who holds it." },

  "plan/missing-input": { exit: "preflight", means: "A stage with missingInput policy \"fail\" has inputs that are not there.", remedy: "Provide the files, or choose another policy." },
  "plan/budget": { exit: "preflight", means: "The plan may cost more than the campaign's budget.", remedy: "Narrow the plan, or raise the budget in the campaign." },
  "plan/space": { exit: "preflight", means: "The file system of the campaign root has no room for what the plan is expected to write.", remedy: "Free space, narrow the plan, or set outputs.base to another file system." },
  "plan/reservation": { exit: "preflight", means: "A job array or pool would reserve more node-hours when it is submitted than the site's limits.nodeHours allows.", remedy: "Shorten walltimes, narrow the plan, lower limits.maxSubmit, or use pools: the scheduler reserves all that is in the queue." },
  "plan/no-ramp": { exit: "invalid", means: "The campaign has no ramp, or nothing of its open step has begun: there is nothing to release.", remedy: "Declare `ramp: [1, 100, \"all\"]` in the campaign, or `cmc apply` the open step first." },
  "plan/resources": { exit: "preflight", means: "A job needs more processors or memory than this machine has.", remedy: "Lower the resources or use another site." },
  "plan/node": { exit: "preflight", means: "Tasks declare another Node than the one that would run them here.", remedy: "Run cmc with that Node, or change `environment.node` of the stage." },

  "plan/stale": { exit: "stale", means: "What a saved plan relies on has moved since it was made, or it was applied already. Nothing was done.", remedy: "Make it again with `cmc plan -o FILE`, look at it, and apply that." },
  "plan/file": { exit: "invalid", means: "A file is no saved plan, or it is cut off or damaged. Nothing was done.", remedy: "Copy it again from where it was made, or make it again with `cmc plan -o FILE`." },
  "plan/file-version": { exit: "error", means: "A saved plan was written by a newer cmc.", remedy: "Use that version or a newer one, or make the plan again with this one." },

  "import/not-found": { exit: "invalid", means: "A YAML file, or a template it extends, cannot be read.", remedy: "Check the path; `extends` is relative to the file that says it." },
  "import/syntax": { exit: "invalid", means: "The file is no YAML.", remedy: "Correct it at the position shown." },
  "import/no-production": { exit: "invalid", means: "The YAML file is no production: nothing can be made of it.", remedy: "Name a file with the sections production, science, execution and outputs." },
  "import/unknown-key": { exit: "invalid", means: "A production or its machine defaults have a key that means nothing.", remedy: "Remove it or correct its name." },
  "import/bad-value": { exit: "invalid", means: "A value of a production is missing or not allowed.", remedy: "Correct the value." },
  "import/cycle": { exit: "invalid", means: "Productions extend each other in a circle.", remedy: "Remove one `extends`." },
  "import/no-defaults": { exit: "invalid", means: "The defaults of the production's machine are not where they are looked for.", remedy: "Put NAME.defaults.yaml beside the production, or give the file: --machine FILE.yaml." },
  "import/not-expressed": { exit: "invalid", means: "A production says something that cmc does not do, or does otherwise. As a warning: it is left out of the module.", remedy: "Change it in the YAML, or in the module afterwards." },
  "import/exists": { exit: "invalid", means: "A file is in the place of one that import would write.", remedy: "Name another folder with --out DIR, or replace it with --force." },

  "mv/bad-address": { exit: "invalid", means: "An address of `cmc mv` cannot be understood, names something the campaign does not have or has already, or the two do not agree.", remedy: "A stage: mock. An axis: [z] or mock[z]. A value: [box=big] or mock[box=big]. An output: mock.cat." },
  "mv/by-hand": { exit: "invalid", means: "A name is not written where it can be edited: it is computed, comes from a listing, is used for something else as well, or stands outside the campaign's folder. Nothing was edited.", remedy: "Change it by hand, and add the entry that is shown." },
  "mv/in-the-way": { exit: "invalid", means: "The campaign would not be the same but for the name. Nothing was edited.", remedy: "Change the place shown, then try again." },

  "site/unknown": { exit: "invalid", means: "No site profile has this name.", remedy: "Give the path of a YAML profile, or one of the names shown." },
  "site/invalid": { exit: "invalid", means: "A site profile does not match its schema.", remedy: "Correct the field at the position shown." },

  "slurm/unreachable": { exit: "unreachable", means: "The scheduler does not answer, or its programs are not there. Nothing was lost: what was submitted stays submitted.", remedy: "Run the same command again later; `cmc doctor --site SITE` looks at what is there." },
  "slurm/refused": { exit: "error", means: "The scheduler refused a submission for what it asks for. Its jobs are held.", remedy: "Correct the site profile or the stage's resources, apply again, then `cmc retry` the held jobs." },
  "slurm/budget": { exit: "preflight", means: "The scheduler refused a submission because an account or QOS has nothing left.", remedy: "Use another account or lane, or wait; the next tick tries again." },
  "slurm/brake": { exit: "error", means: "So many attempts failed in a row that nothing more is submitted.", remedy: "`cmc status` and `cmc logs KEY` show why they fail; `cmc retry` goes on." },
  "slurm/in-progress": { exit: "locked", means: "Jobs of this campaign are in a scheduler's hands, and the command is for this machine alone.", remedy: "Use the site of the run in progress, or `cmc cancel` first." },

  "site/storage": { exit: "preflight", means: "The campaign root is on a file system that the site's compute nodes do not see.", remedy: "Set outputs.base of the campaign, or --base, to a folder below one of the site's storage roots." },

  "adopt/bad-mapping": { exit: "invalid", means: "A pattern of `cmc adopt --from`, or its --output, cannot be understood.", remedy: "A field is {axis}, {axis:int} or {axis:number}, with the axes of the stage." },
  "adopt/ambiguous": { exit: "invalid", means: "A file would be that of two jobs, or two files would be that of one job. Nothing was done.", remedy: "Say more axes in the pattern, or select fewer jobs by --where." },
  "adopt/no-folder": { exit: "invalid", means: "The folder of `cmc adopt --from` is not there or cannot be listed.", remedy: "Correct the path: it is relative to the working directory." },

  "apply/dirty": { exit: "invalid", means: "The campaign has uncommitted changes, so its results could not be traced to a commit.", remedy: "Commit them, or pass --allow-dirty: the digest of the difference is kept in the provenance." },
  "apply/occupied": { exit: "error", means: "An output is to be renamed, or brought to its place, and something appeared there since the plan was made.", remedy: "Put it elsewhere, and apply again." },
  "apply/moves-wait": { exit: "locked", means: "Results are to be renamed, and jobs of a run in progress may read them where they are.", remedy: "Wait for the run to end, or `cmc cancel` it." },
  "apply/worker": { exit: "error", means: "Workers could not be started.", remedy: "Look at the log named in the message." },
  "apply/bundle": { exit: "error", means: "A bundle's files do not match their digests.", remedy: "Delete the bundle folder and run `cmc build` again." },
} as const satisfies Readonly<Record<string, Entry>>;

export type DiagnosticCode = keyof typeof CATALOGUE;
