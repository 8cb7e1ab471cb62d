// The beginning of a run: its bundle, its first words in a journal of its own, where it comes from, and the moves of its plan. What follows is apply.ts.
import type { ReadyCampaign } from "../compile/compile.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import { plannedJobs } from "../plan/batches.ts";
import type { Site } from "../site/site.ts";
import type { ApplyFacts, SourceFacts } from "../state/apply-facts.ts";
import type { EventOf } from "../state/events.ts";
import { faultPoint } from "../state/fault.ts";
import { type JournalWriter, openJournal } from "../state/journal.ts";
import type { State } from "../state/reduce.ts";
import { pointToBundle, type PublishedBundle, publishBundle } from "./bundle.ts";
import { applyFacts, sourceFacts } from "./facts.ts";
import { carryOutMoves } from "./moves.ts";
import type { Planned, PlanningOptions } from "./planning.ts";
import { writeConfig, writeProvenance } from "./provenance.ts";

export interface Beginning {
  readonly compiled: ReadyCampaign;
  readonly planning: PlanningOptions;
  readonly generatedDir: string;
  /** The words after `cmc`, for the record. */
  readonly commandLine: readonly string[];
  readonly who: { readonly user: string; readonly host: string };
  readonly now: () => number;
  /** Absent: it was planned here and now. */
  readonly saved?: {
    readonly id: string;
    readonly source: SourceFacts;
    readonly judgeBundle: (digest: string) => void;
  };
}

/** A run from here on: its bundle, its provenance, its first words in a journal of its own. */
export interface Begun {
  readonly run: string;
  readonly startedAt: number;
  readonly bundle: PublishedBundle;
  readonly journal: JournalWriter;
  /** Moves are in it. */
  readonly state: State;
}

export async function begin(request: Beginning, planned: Planned, site: Site): Promise<Begun> {
  const { compiled, now } = request;
  const { root } = compiled;
  const bundle = await publishBundle(compiled, planned.plan, site, request.generatedDir, request.saved?.judgeBundle);
  faultPoint("apply/bundle-written");
  const startedAt = now();
  const run = `${startedAt.toString(36)}-${process.pid.toString(36)}`;
  const journal = openJournal(root, { writer: "apply", run });
  try {
    const source = request.saved?.source ?? (await sourceFacts(compiled));
    pointToBundle(root, bundle.dir);
    const intent = { source, site: site.name, plan: planned.plan, planning: request.planning, command: request.commandLine, bundleDir: bundle.dir }; // prettier-ignore
    const start = startRun(journal, request, planned, run, bundle.digest, applyFacts(intent));
    // After the journal: the first is a view of it, and a killed apply leaves at worst an older one.
    writeProvenance(root, compiled.ir, [...planned.state.runs.values(), { run, start }]);
    await writeConfig(root, planned.plan.table, site);
    const state = carryOutMoves({ root, plan: planned.plan, state: planned.state, journal, run, user: request.who.user, now }); // prettier-ignore
    return { run, startedAt, bundle, journal, state };
  } catch (error) {
    recordBreakdown(journal, now(), run);
    journal.close();
    throw error;
  }
}

/** Where even this cannot be written, status says that the run did not finish. */
export function recordBreakdown(journal: JournalWriter, at: number, run: string): void {
  try {
    journal.append({ type: "apply-finished", at, run, outcome: "error" });
  } catch {
    // The first error is the one to be told.
  }
}

function startRun(
  journal: JournalWriter,
  request: Beginning,
  { plan }: Planned,
  run: string,
  bundle: string,
  facts: ApplyFacts,
): EventOf<"apply-started"> {
  const at = request.now();
  const code = Object.fromEntries(
    plan.table.campaign.stages.map((stage) => [
      stage.name,
      {
        entry: stage.run.kind === "task" ? stage.run.entry : "command",
        sources: Object.fromEntries(stage.code.sources.map((source) => [source.path, source.digest])),
        ...(Object.keys(stage.environment).length > 0 ? { environment: stage.environment } : {}),
        ...(stage.run.kind === "command" ? { env: stage.run.env } : {}),
      },
    ]),
  );
  const jobs = plannedJobs(plan);
  const start: EventOf<"apply-started"> = {
    type: "apply-started",
    at,
    run,
    ...request.who,
    bundle,
    campaignDigest: request.compiled.digest,
    jobs,
    toolVersion: TOOL_VERSION,
    ...(request.saved ? { plan: request.saved.id } : {}),
    code,
    facts,
  };
  journal.append(start);
  if (plan.forget.length > 0) journal.append({ type: "jobs-forgotten", at, keys: plan.forget, run });
  journal.sync();
  return start;
}
