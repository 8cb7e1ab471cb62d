// apply: the order of steps from a compiled campaign to finished jobs. Decides nothing itself; asks through `ask`, prints nothing.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, fail } from "../diagnostics/diagnostic.ts";
import { inProgress } from "../executors/cluster/run-file.ts";
import type { Turn } from "../executors/cluster/turn-book.ts";
import { reapOrphans } from "../executors/local/orphans.ts";
import type { LocalEvent, Progress } from "../executors/local/progress.ts";
import { type LocalOutcome, runLocal } from "../executors/local/run-local.ts";
import { isIdle } from "../plan/summary.ts";
import type { RampStanding } from "../plan/types.ts";
import type { SourceFacts } from "../state/apply-facts.ts";
import { faultPoint } from "../state/fault.ts";
import type { JournalWriter } from "../state/journal.ts";
import { acquireLock } from "../state/lock.ts";
import { readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";
import { loadSite } from "../site/load.ts";
import type { Site } from "../site/site.ts";
import { begin, type Beginning, recordBreakdown } from "./begin.ts";
import { handOver, turnNow } from "./cluster.ts";
import { refreshManifest } from "./manifest.ts";
import { EVERYTHING, type PlanningOptions, type Planned, planCampaign } from "./planning.ts";
import { type Preview, previewOf } from "./preview.ts";
import { requireShared } from "./storage.ts";

/** A plan that was saved: nothing is done unless it is still what would be planned. */
export interface FromFile {
  /** Of the file. */
  readonly id: string;
  readonly site: Site;
  /** Of when it was made: what lies in the campaign's folder now is not what is applied. */
  readonly source: SourceFacts;
  /** Throws plan/stale. */
  readonly judge: (planned: Planned) => void;
  readonly judgeBundle: (digest: string) => void;
}

export interface ApplyRequest extends Omit<Beginning, "planning" | "saved"> {
  /** Asked by the holder of the lock, when nobody else is at work. */
  readonly planning: PlanningOptions | (() => Promise<PlanningOptions>);
  /** Called when all is over, however it ended, still under the lock. */
  readonly afterwards?: () => void;
  readonly site: string;
  readonly workers: number;
  readonly cpus: number;
  readonly memory: number;
  /** For the lock. */
  readonly command: string;
  /** Shows the plan and says whether to go on. */
  readonly approve: (planned: Planned, preview: Preview | undefined) => Promise<boolean>;
  readonly onEvent: (event: LocalEvent) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly drain: AbortSignal;
  readonly stop: AbortSignal;
  /** Absent: the plan is made here and now. */
  readonly saved?: FromFile;
}

export interface Applied {
  /** `nothing`: no changes. `declined`: the user said no. `handed-over`: a scheduler has it now. */
  readonly outcome: "nothing" | "declined" | "done" | "failures" | "cancelled" | "handed-over";
  readonly planned: Planned;
  readonly run?: LocalOutcome;
  /** On a cluster: what was submitted and what is in progress. */
  readonly turn?: Turn;
  /** Wall time of the run; 0 when nothing ran. */
  readonly seconds: number;
  /** State after the run. */
  readonly state: State;
  readonly problems: readonly Diagnostic[];
  /** The ramp as the run left it. Absent: the campaign has none, or nothing was run here. */
  readonly ramp?: RampStanding;
}

/** The request, its options known. */
type Ready = ApplyRequest & { readonly planning: PlanningOptions };

export async function apply(asked: ApplyRequest): Promise<Applied> {
  const { compiled, who, now, saved } = asked;
  const { root } = compiled;
  const site = saved?.site ?? (await loadSite(asked.site, process.cwd()));
  const planningOf = async () => (typeof asked.planning === "function" ? asked.planning() : asked.planning);
  if (site.executor === "slurm") requireShared(site, root);
  // A refused plan makes no root.
  if (saved && !existsSync(root)) saved.judge(await planCampaign(compiled, await planningOf(), false, site));
  for (const folder of ["metadata", "journal", "staging", "logs"]) mkdirSync(join(root, folder), { recursive: true });
  const lock = acquireLock(root, asked.command, { user: who.user, now: now() });
  try {
    faultPoint("apply/locked");
    const going = inProgress(root);
    if (going && site.executor === "local") refuseLocal(root);
    // Workers of a scheduler are nobody's orphans: the ledger settles what becomes of them.
    const { lost } = going ? NOBODY_LOST : await reapOrphans(root, readJournals(root));
    faultPoint("apply/reaped");
    const request: Ready = { ...asked, planning: await planningOf() };
    const planned = await planCampaign(compiled, request.planning, false, site);
    saved?.judge(planned);
    if (isIdle(planned.plan.summary)) {
      if (going) return await takeTurn(request, planned);
      await refreshManifest(root, compiled.table(), planned.state, "if-stale");
      return { outcome: "nothing", seconds: 0, planned, state: planned.state, problems: planned.problems };
    }
    if (going && planned.plan.moves.size > 0) refuseMoves(root);
    if (!(await request.approve(planned, previewOf(planned.plan, site))))
      return { outcome: "declined", seconds: 0, planned, state: planned.state, problems: planned.problems };
    return site.executor === "slurm"
      ? await submit(request, planned, site)
      : await carryOut(request, planned, site, lost);
  } finally {
    try {
      asked.afterwards?.();
    } finally {
      lock.release();
    }
  }
}

const NOBODY_LOST = { lost: [] } as const;

function refuseLocal(root: string): never {
  return fail({ code: "slurm/in-progress", message: `jobs of ${root} are in a scheduler's hands` });
}

function refuseMoves(root: string): never {
  return fail({ code: "apply/moves-wait", message: `jobs of ${root} are in a scheduler's hands` });
}

/** On a cluster apply hands over and returns; ticks do the rest. */
async function submit(request: Ready, planned: Planned, site: Site): Promise<Applied> {
  const { root, campaignDir } = request.compiled;
  const { run, startedAt, bundle, journal, state } = await begin(request, planned, site);
  journal.close();
  faultPoint("apply/started");
  handOver(root, planned.plan, state, { run, startedAt, bundle: bundle.dir, campaignDir, site });
  return takeTurn(request, planned);
}

async function takeTurn({ compiled, now }: ApplyRequest, planned: Planned): Promise<Applied> {
  const { root } = compiled;
  const from = now();
  const turn = await turnNow(root, "apply", now);
  const { state, problems } = readJournals(root).fold();
  await refreshManifest(root, compiled.table(), state, "if-stale");
  return { outcome: "handed-over", planned, turn, seconds: (now() - from) / 1000, state, problems };
}

type LostAttempt = Awaited<ReturnType<typeof reapOrphans>>["lost"][number];

async function carryOut(request: Ready, planned: Planned, site: Site, lost: readonly LostAttempt[]): Promise<Applied> {
  const { compiled, now } = request;
  const { root } = compiled;
  const { plan } = planned;
  const { run, startedAt, bundle, journal, state: before } = await begin(request, planned, site);
  try {
    recordLost(journal, now(), lost);
    faultPoint("apply/started");
    const outcome = await runLocal({
      bundleDir: bundle.dir,
      root,
      campaignDir: compiled.campaignDir,
      plan,
      state: before,
      journal,
      run,
      workers: request.workers,
      cpus: request.cpus,
      memory: request.memory,
      onEvent: request.onEvent,
      onProgress: request.onProgress,
      drain: request.drain,
      stop: request.stop,
    });
    const result = outcome.cancelled ? "cancelled" : outcome.failed + outcome.blocked > 0 ? "failures" : "done";
    const { done, failed } = outcome;
    journal.append({ type: "apply-finished", at: now(), run, outcome: result, done, failed });
    journal.close();
    faultPoint("apply/finished");
    const { state, problems } = readJournals(root).fold();
    await refreshManifest(root, compiled.table(), state, "always");
    faultPoint("apply/manifest-written");
    const seconds = (now() - startedAt) / 1000;
    const after = plan.table.campaign.ramp && (await planCampaign(compiled, EVERYTHING, false)).plan.summary.ramp;
    return { outcome: result, planned, run: outcome, seconds, state, problems, ...(after ? { ramp: after } : {}) };
  } catch (error) {
    recordBreakdown(journal, now(), run);
    throw error;
  } finally {
    journal.close();
  }
}

/** What a dead apply left without an end gets one, so that nothing is called running for ever. */
function recordLost(journal: JournalWriter, at: number, lost: readonly LostAttempt[]): void {
  for (const { key, attempt, attemptId } of lost)
    journal.append({
      type: "attempt-finished",
      at,
      key,
      attempt,
      attemptId,
      class: "lost",
      message: "its worker disappeared",
      phases: [],
    });
  if (lost.length > 0) journal.sync();
}
