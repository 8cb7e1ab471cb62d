// A person's word on jobs, from the command line into the journal: which jobs are meant, what would be recorded, the lock, the record, and what is
// said of it. What each word means is in its own file under commands/.
import { type ClusterView, viewCluster } from "../apply/cluster-view.ts";
import { acquireLockPatiently } from "../apply/patient-lock.ts";
import { EVERYTHING, planCampaign, type Planned } from "../apply/planning.ts";
import type { Compiled } from "../compile/compile.ts";
import { DiagnosticError, fail } from "../diagnostics/diagnostic.ts";
import { EXIT } from "../diagnostics/exit.ts";
import { inProgress } from "../executors/cluster/run-file.ts";
import { keyOfRow } from "../expand/table.ts";
import { Blocks } from "../plan/blocks.ts";
import type { Event } from "../state/events.ts";
import { faultPoint } from "../state/fault.ts";
import { openJournal } from "../state/journal.ts";
import { type Lock, type LockInfo, readLock } from "../state/lock.ts";
import { readJournals } from "../state/read-journal.ts";
import type { Word } from "../state/words.ts";
import { campaignAndJobs } from "./arguments.ts";
import { reasonGiven } from "./because.ts";
import type { Context } from "./context.ts";
import { type Chosen, formatVerb, verbObjects } from "./format/verb.ts";
import { count } from "./format/quantity.ts";
import { printJson } from "./json-output.ts";
import { type CampaignOptions, openCampaign } from "./open.ts";
import { readSelection, type Selection, type SelectionOptions, selects } from "./selection.ts";
import { userName } from "./who.ts";

export interface VerbOptions extends CampaignOptions, SelectionOptions {
  readonly because: string;
  readonly dryRun?: boolean;
  /** Where a verb without a selection would mean too much. */
  readonly all?: boolean;
}

/** What a verb is asked about. */
export interface Scene extends Planned {
  /** Jobs of runs in progress on a cluster. */
  readonly cluster: ClusterView["jobs"];
  /** Those that are meant: selected, or all. */
  readonly jobs: readonly MeantJob[];
  /** Meant, and no longer in the campaign. Keys. */
  readonly left: readonly string[];
  /** Who wants a job not to be run. */
  readonly blockOf: (job: MeantJob) => Word | undefined;
  /** True: jobs were named, so those that are passed over are told of. */
  readonly named: boolean;
  /** An apply at work on this machine that nobody waits for: it has read its plan. */
  readonly atWork?: LockInfo;
}

export interface MeantJob {
  readonly row: number;
  readonly key: string;
}

export interface Verb {
  /** Of the command, the lock, the journal's run and the fault point. */
  readonly name: string;
  /** `patient`: waits for short commands, and an apply at work is an error. `free`: an apply at work is no hindrance. */
  readonly lock: "patient" | "free";
  /** True: without a selection it needs --all. */
  readonly careful: boolean;
  /** True: jobs that left the campaign may be meant. */
  readonly left: boolean;
  /** The event is what would be recorded, but for its time. */
  readonly choose: (scene: Scene, said: Said) => Chosen;
}

export interface Said {
  readonly user: string;
  readonly reason: string;
  readonly now: number;
}

export async function carryOutVerb(
  context: Context,
  verb: Verb,
  args: readonly string[],
  options: VerbOptions,
): Promise<number> {
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const reason = reasonGiven(options);
  const knows = verb.left ? leftBehind(compiled.root) : undefined;
  const selection = await readSelection(context, compiled.table(), keys, options, knows);
  requireMeaning(verb, selection, options);
  const said = (): Said => ({ user: userName(), reason, now: context.now() });
  const look = async (live: boolean | undefined, atWork?: LockInfo): Promise<Chosen> =>
    verb.choose(await sceneOf(compiled, verb, selection, context.now(), live, atWork), said());
  const seen = await look(undefined);
  if (options.dryRun || seen.keys.length === 0) return say(context, verb, seen, said(), options, false);
  const { lock, atWork } = await hold(context, compiled.root, verb);
  try {
    // Again under the lock: an apply that ended meanwhile may have added attempts that nobody has looked at.
    const chosen = await look(atWork ? undefined : false, atWork);
    if (chosen.event) record(compiled.root, verb, chosen.event, context.now());
    return say(context, verb, chosen, said(), options, true);
  } finally {
    lock?.release();
  }
}

function requireMeaning({ name, careful }: Verb, selection: Selection | undefined, { all }: VerbOptions): void {
  if (selection && all) fail({ code: "cli/usage", message: "--all means every job, and jobs are selected as well" });
  if (careful && !selection && !all)
    fail({
      code: "cli/usage",
      message: `${name} without a selection would mean every job of the campaign`,
      remedy: "Name jobs, or select them by --stage, --where, --reason or --state; --all means every job.",
    });
}

/** Keys of jobs that were tried, whatever the campaign says of them now. */
function leftBehind(root: string): (key: string) => boolean {
  const journals = readJournals(root);
  return (key) => (journals.fold().state.jobs.get(key)?.attempts.length ?? 0) > 0;
}

async function sceneOf(
  compiled: Compiled,
  verb: Verb,
  selection: Selection | undefined,
  now: number,
  live: boolean | undefined,
  atWork: LockInfo | undefined,
): Promise<Scene> {
  const { root } = compiled;
  const planned = await planCampaign(compiled, EVERYTHING, live);
  const cluster: Scene["cluster"] = inProgress(root) ? viewCluster(root, now).jobs : new Map();
  const takes = selection && selects(selection, planned, { root, now, live });
  const { table, forget } = planned.plan;
  const all = selection?.named ?? Array.from({ length: table.count }, (_, row) => row);
  const blocks = new Blocks(table, planned.state);
  const left = !verb.left ? [] : selection ? selection.left(forget) : forget;
  return {
    ...planned,
    cluster,
    jobs: (takes ? all.filter(takes) : all).map((row) => ({ row, key: keyOfRow(table, row) })),
    left,
    blockOf: ({ row, key }) => blocks.of(row, key),
    named: selection?.named !== undefined,
    ...(atWork ? { atWork } : {}),
  };
}

interface Held {
  readonly lock?: Lock;
  readonly atWork?: LockInfo;
}

async function hold(context: Context, root: string, { name, lock: how }: Verb): Promise<Held> {
  const onWait = (holder: string) => context.err(`${holder} is at work; waiting for it to end.\n`);
  try {
    return { lock: await acquireLockPatiently(root, name, { user: userName(), now: () => context.now(), onWait }) };
  } catch (error) {
    const atWork = readLock(root);
    if (how === "patient" || !atWork || !(error instanceof DiagnosticError) || error.diagnostics[0]?.code !== "state/locked") throw error; // prettier-ignore
    return { atWork };
  }
}

function record(root: string, { name }: Verb, event: Event, now: number): void {
  const journal = openJournal(root, { writer: "verb", run: `${name}-${now.toString(36)}` });
  journal.append(event);
  journal.close();
  faultPoint("verb/recorded");
}

function say(context: Context, verb: Verb, chosen: Chosen, said: Said, options: VerbOptions, done: boolean): number {
  const recorded = done && chosen.event !== undefined;
  if (options.json) printJson(context, verbObjects(verb.name, chosen, { ...said, recorded }));
  else context.out(formatVerb(chosen, options.dryRun ?? false, context));
  return EXIT.ok;
}

/** A time that is not before those that it is to answer: clocks of two machines may differ by hours. */
export function timeAfter(now: number, keys: readonly string[], answered: (key: string) => number): number {
  return keys.reduce((latest, key) => Math.max(latest, answered(key)), now);
}

/** Who takes these jobs up: `tick`, `apply`, or `tick (2) and the next apply (3)`. */
export function nextRunner({ cluster }: Pick<Scene, "cluster">, keys: readonly string[]): string {
  const soon = keys.filter((key) => cluster.has(key)).length;
  if (soon === 0) return "apply";
  return soon === keys.length ? "tick" : `tick (${count(soon)}) and the next apply (${count(keys.length - soon)})`;
}
