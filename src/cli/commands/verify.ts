// cmc verify: are results what their receipts say? Looks, tells, and repairs nothing; --write and --record put what was found into the journal.
import { availableParallelism } from "node:os";
import { acquireLockPatiently, type Patience } from "../../apply/patient-lock.ts";
import { isLive } from "../../apply/planning.ts";
import { type Deep, readDeep } from "../../apply/verify-deep.ts";
import { recordFound } from "../../apply/verify-record.ts";
import { type Survey, strays, survey } from "../../apply/verify.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import { EXIT } from "../../diagnostics/exit.ts";
import { campaignAndJobs } from "../arguments.ts";
import type { Context } from "../context.ts";
import { bytes, count } from "../format/quantity.ts";
import { formatVerification, type Verification } from "../format/verify.ts";
import { verificationObjects } from "../format/verify-json.ts";
import { printDiagnostics, printJson } from "../json-output.ts";
import { type CampaignOptions, openCampaign } from "../open.ts";
import { readSelection, type Selection } from "../selection.ts";
import { readingView } from "../verify-progress.ts";
import { userName } from "../who.ts";

interface VerifyOptions extends CampaignOptions {
  readonly stage?: string;
  readonly where?: string;
  readonly verbose?: boolean;
  readonly deep?: boolean;
  readonly jobs?: number;
  readonly restart?: boolean;
  readonly record?: string;
  readonly validate?: boolean;
  readonly write?: boolean;
  readonly foreign?: boolean;
}

export async function verify(context: Context, args: readonly string[], options: VerifyOptions): Promise<number> {
  refuseIdle(options);
  const { campaign, keys } = campaignAndJobs(context, args);
  const compiled = await openCampaign(context, campaign, options);
  const { stage, where } = options;
  const filters = { ...(stage === undefined ? {} : { stage }), ...(where === undefined ? {} : { where }) };
  let selected: Selection | undefined;
  const seen = await survey(compiled, async (table) => (selected = await readSelection(context, table, keys, filters))?.takes); // prettier-ignore
  printDiagnostics(context, seen.problems, options.json);
  const selection = selected?.text ?? "";
  await refuseLocked(context, seen, options);
  const deep = await look(context, seen, selection, options);
  if (deep && deep.left > 0) return interrupted(context, deep, options);
  const recording = deep && (options.write || options.record !== undefined) ? await record(context, seen, deep, options) : undefined; // prettier-ignore
  deep?.finish();
  // Files outside of a selection are not all foreign: who asks for a part is told of strangers only on request.
  const all = selected === undefined || options.foreign ? strays(seen) : undefined;
  const verification: Verification = {
    seen,
    judgement: deep?.judgement ?? seen.judgement,
    ...(deep ? { deep } : {}),
    ...(all ? { strays: all } : {}),
    ...(recording ? { recording } : {}),
  };
  const { verbose = false, foreign = false } = options;
  if (options.json) printJson(context, verificationObjects(verification, foreign));
  else context.out(formatVerification(verification, { palette: context.palette, verbose, foreign, selection }));
  return verification.judgement.findings.size === 0 ? EXIT.ok : EXIT.failedJobs;
}

/** Options that would do nothing. */
function refuseIdle({ deep, record: because, restart, jobs, validate, write }: VerifyOptions): void {
  const needless = [
    because !== undefined && !deep && "--record",
    restart && !deep && "--restart",
    jobs !== undefined && !deep && !validate && !write && "--jobs",
  ].find(Boolean);
  if (needless) fail({ code: "cli/usage", message: `${needless} does nothing without --deep`, remedy: "See `cmc verify --help`." }); // prettier-ignore
}

/** Contents and validators, where they are asked for. */
async function look(
  context: Context,
  seen: Survey,
  selection: string,
  options: VerifyOptions,
): Promise<Deep | undefined> {
  const { deep = false, validate = false, write = false, restart = false, json = false } = options;
  if (!deep && !validate && !write) return undefined;
  const stop = new AbortController();
  const end = (): void => stop.abort();
  for (const signal of SIGNALS) process.once(signal, end);
  const view = readingView(context, json);
  try {
    return await readDeep(seen, {
      ...(deep ? { read: "contents" as const } : write ? { read: "suspects" as const } : {}),
      record: options.record !== undefined,
      jobs: options.jobs ?? availableParallelism(),
      now: () => context.now(),
      onProgress: (progress) => view.update(progress),
      stop: stop.signal,
      validate, restart, selection,
    }); // prettier-ignore
  } finally {
    view.close();
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Half of it proves nothing: nothing is written to the journal. */
function interrupted(context: Context, deep: Deep, { json, deep: resumable }: VerifyOptions): number {
  const { hashed, bytes: read, left, lost } = deep;
  if (json) printJson(context, [{ type: "interrupted", hashed, bytes: read, left }]);
  else {
    const again = resumable && lost === undefined ? "; the same command goes on from there" : "";
    context.out(`Interrupted: ${count(hashed)} outputs read (${bytes(read)}), ${count(left)} left${again}.\n`);
  }
  return EXIT.cancelled;
}

async function record(context: Context, { root }: Survey, deep: Deep, { write, record: because }: VerifyOptions) {
  const found = { verified: write ? deep.verified : [], digests: because === undefined ? [] : deep.digests };
  return recordFound(root, found, because ?? "", patience(context));
}

/** Who could not write down what was found is told before hours of reading. Throws state/locked. */
async function refuseLocked(context: Context, { root }: Survey, { write, record: because }: VerifyOptions) {
  if ((write || because !== undefined) && isLive(root))
    (await acquireLockPatiently(root, "verify", patience(context))).release();
}

function patience(context: Context): Patience {
  const onWait = (holder: string) => context.err(`${holder} is at work; waiting for it to end.\n`);
  return { user: userName(), now: () => context.now(), onWait };
}
