// cmc release --ramp: opens the next step of the ramp by a person's word. Records who and why; runs nothing, and releases no job.
import { acquireLockPatiently } from "../../apply/patient-lock.ts";
import { EVERYTHING, planCampaign } from "../../apply/planning.ts";
import type { Compiled } from "../../compile/compile.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { closedText, sizeText } from "../../plan/narrow/ramp-text.ts";
import type { RampStanding } from "../../plan/types.ts";
import { openJournal } from "../../state/journal.ts";
import type { State } from "../../state/reduce.ts";
import { campaignAndJobs } from "../arguments.ts";
import { reasonGiven } from "../because.ts";
import type { Context } from "../context.ts";
import { jobs } from "../format/amount.ts";
import { printJson } from "../json-output.ts";
import { openCampaign } from "../open.ts";
import type { VerbOptions } from "../verb.ts";
import { userName } from "../who.ts";

export async function releaseRamp(context: Context, args: readonly string[], options: VerbOptions): Promise<number> {
  const { campaign, keys } = campaignAndJobs(context, args);
  const { stage, where, reason, state } = options;
  if (keys.length > 0 || [stage, where, reason, state].some((text) => text !== undefined))
    fail({ code: "cli/usage", message: "--ramp opens a step as a whole: it takes no jobs and no filters" });
  const because = reasonGiven(options);
  const compiled = await openCampaign(context, campaign, options);
  const seen = await rampOf(compiled, undefined);
  if (options.dryRun || seen.ramp.next === undefined) return say(context, seen.ramp, options);
  // Again under the lock: an apply that ended meanwhile may have opened the step.
  const onWait = (holder: string) => context.err(`${holder} is at work; waiting for it to end.\n`);
  const lock = await acquireLockPatiently(compiled.root, "release", { user: userName(), now: () => context.now(), onWait }); // prettier-ignore
  try {
    const now = await rampOf(compiled, false);
    if (now.ramp.next !== undefined) record(context, compiled.root, now, because);
    return say(context, now.ramp, options);
  } finally {
    lock.release();
  }
}

interface Seen {
  readonly ramp: RampStanding;
  readonly state: State;
}

/** `live`: whether an apply runs; undefined asks the lock. Throws plan/no-ramp. */
async function rampOf(compiled: Compiled, live: boolean | undefined): Promise<Seen> {
  const { plan, state } = await planCampaign(compiled, EVERYTHING, live);
  const { ramp } = plan.summary;
  if (!ramp) return fail({ code: "plan/no-ramp", message: `${compiled.ir.name} declares no ramp` });
  if (ramp.next !== undefined && ramp.finished + ramp.begun === 0)
    return fail({
      code: "plan/no-ramp",
      message: `no job of step ${ramp.step} of the ramp (${sizeText(ramp.size)}) has begun`,
      remedy: "`cmc apply` runs it; a word on what nobody has seen would not hold.",
    });
  return { ramp, state };
}

function record(context: Context, root: string, { ramp: { step, size }, state }: Seen, reason: string): void {
  const journal = openJournal(root, { writer: "verb", run: `release-${context.now().toString(36)}` });
  const at = Math.max(context.now(), lastStart(state));
  journal.append({ type: "ramp-released", at, step, jobs: size as number, user: userName(), reason });
  journal.close();
}

/** A word is later than what it was said on: clocks of two machines may differ by hours. */
function lastStart({ jobs: known }: State): number {
  let latest = 0;
  for (const { attempts } of known.values())
    for (const { startedAt, end } of attempts) latest = Math.max(latest, startedAt ?? end?.at ?? 0);
  return latest;
}

function say(context: Context, ramp: RampStanding, options: VerbOptions): number {
  const { step, next, waiting } = ramp;
  if (options.json) {
    printJson(context, [{ type: "ramp-release", recorded: next !== undefined && !options.dryRun, ...ramp }]);
    return EXIT.ok;
  }
  if (next === undefined) context.out("The last step of the ramp is open; nothing waits for it.\n");
  else {
    const what = options.dryRun ? "Would open" : "Opened";
    const who = `${jobs(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
    context.out(`${what} step ${step + 1} of the ramp (${sizeText(next)}), for which ${who}. Step ${step}: ${closedText(ramp)}.\n`); // prettier-ignore
    if (!options.dryRun) context.out("Next: `cmc plan`, `cmc apply`.\n");
  }
  return EXIT.ok;
}
