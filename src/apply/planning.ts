// From a compiled campaign to its plan: read the journals, look at the disk, decide. Changes nothing.
import type { ReadyCampaign } from "../compile/compile.ts";
import { type Diagnostic, fail } from "../diagnostics/diagnostic.ts";
import type { JobTable } from "../expand/table.ts";
import { jobsInFlight } from "../executors/cluster/in-flight.ts";
import { inProgress } from "../executors/cluster/run-file.ts";
import { type PendingListing, startInputListing, startOutputListing } from "../observe/listing.ts";
import { factsOf } from "../observe/observe.ts";
import { inputPlaces } from "../observe/places.ts";
import { resolveNames } from "../plan/narrow/named.ts";
import { plan } from "../plan/plan.ts";
import type { Resolve } from "../plan/resources.ts";
import { withSpace } from "../plan/space.ts";
import type { Named, Observations, Plan, PlanSummary, Policy } from "../plan/types.ts";
import { resolveResources } from "../site/resources.ts";
import type { Site } from "../site/site.ts";
import { readLock } from "../state/lock.ts";
import { type Folded, journalFingerprint, readJournals } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";
import { inputPlacesCached, mayBeKept, planSummaryCached } from "./plan-cache.ts";
import { freeSpace } from "./preflight.ts";

export interface PlanningOptions {
  /** Stages, keys or parts of keys (plan/narrow/named.ts) to run again. */
  readonly replace: readonly string[];
  /** What to narrow the plan to. Empty: all. */
  readonly target: readonly string[];
  /** What to leave out. */
  readonly exclude: readonly string[];
  /** One job a stage that can be reached. */
  readonly canary: boolean;
  readonly limit?: number;
  readonly adopt: boolean;
  /** Nothing but adoptions of these rows. */
  readonly adoptOnly?: (row: number) => boolean;
}

export const EVERYTHING: PlanningOptions = { replace: [], target: [], exclude: [], canary: false, adopt: false };

export interface Planned {
  /** As the campaign says; the plan's own table holds the recipes in force. */
  readonly table: JobTable;
  readonly plan: Plan;
  readonly state: State;
  readonly observations: Observations;
  /** Warnings from reading the journals. */
  readonly problems: readonly Diagnostic[];
}

interface Look {
  readonly outputs: PendingListing;
  readonly inputs: PendingListing;
  /** While jobs run: the journals as they were before anything was listed. An output younger than its listing would seem missing. */
  readonly before?: Folded;
}

/** Begins to list outputs and inputs; other work can be done meanwhile. */
function startLooking({ root, campaignDir, cacheDir, digest, table }: ReadyCampaign, live: boolean): Look {
  // Workers of a scheduler publish meanwhile, too: what is in the listing and was not in the journals has a receipt nobody has read.
  const before = live || inProgress(root) ? { before: readJournals(root).fold() } : {};
  const outputs = startOutputListing(root);
  const places = inputPlacesCached(cacheDir, digest, campaignDir, () => inputPlaces(table(), campaignDir));
  return { outputs, inputs: startInputListing(places), ...before };
}

/** `live`: whether another apply runs now; undefined asks the lock. `site`: the cost is that of what its jobs get there. */
export async function planCampaign(
  compiled: ReadyCampaign,
  options: PlanningOptions,
  live = isLive(compiled.root),
  site?: Site,
): Promise<Planned> {
  const planned = await planWith(compiled, options, live, startLooking(compiled, live), site);
  const summary = withSpace(planned.plan.summary, freeSpace(compiled.root));
  return { ...planned, plan: { ...planned.plan, summary } };
}

async function planWith(
  compiled: ReadyCampaign,
  options: PlanningOptions,
  live: boolean,
  look: Look,
  site?: Site,
): Promise<Planned> {
  const { root, campaignDir, cacheDir } = compiled;
  const table = compiled.table();
  const policy = { ...policyOf(table, options), ...(site ? { resolve: onSite(site, table) } : {}) };
  const { state, problems } = look.before ?? readJournals(root).fold();
  const [outputs, inputs] = await Promise.all([look.outputs.finish(), look.inputs.finish()]);
  const inFlight = jobsInFlight(root, state);
  const observations = factsOf({ outputs, inputs, campaignDir, live, inFlight, ...(cacheDir ? { cacheDir } : {}) });
  const made = plan(table, state, observations, policy);
  const notices = [...made.summary.notices, ...problems.map((problem) => problem.message)];
  return { table, plan: { ...made, summary: { ...made.summary, notices } }, state, observations, problems };
}

/** The summary alone, from the cache where campaign, journals and disk are as they were: no job is looked at. */
export async function planSummary(compiled: ReadyCampaign, options: PlanningOptions): Promise<PlanSummary> {
  // The free space is another one each time.
  return withSpace(await spacelessSummary(compiled, options), freeSpace(compiled.root));
}

async function spacelessSummary(compiled: ReadyCampaign, options: PlanningOptions): Promise<PlanSummary> {
  const { root, cacheDir, digest: campaignDigest } = compiled;
  const live = isLive(root);
  const journal = journalFingerprint(root);
  const look = startLooking(compiled, live);
  const { replace, target, exclude, canary, adopt } = options;
  const policy = { replace, target, exclude, canary, limit: options.limit ?? null, adopt };
  const key = { campaignDigest, journal, live, policy };
  // Read while the disk is listed, unless it may turn out that nothing has to be.
  const before = look.before ?? (mayBeKept(cacheDir, key) ? undefined : readJournals(root).fold());
  const [outputs, inputs] = await Promise.all([look.outputs.finish(), look.inputs.finish()]);
  const seen: Look = {
    outputs: { finish: () => Promise.resolve(outputs) },
    inputs: { finish: () => Promise.resolve(inputs) },
    ...(before ? { before } : {}),
  };
  const compute = async (): Promise<PlanSummary> => (await planWith(compiled, options, live, seen)).plan.summary;
  // Packs of pools come and go without a word in the journals, and those have been read already.
  if (look.before && !live) return compute();
  return (await planSummaryCached(cacheDir, { ...key, disk: `${outputs.digest}-${inputs.digest}` }, compute)).summary;
}

/** What jobs get on a site: its defaults and job types below what the campaign says. */
export function onSite(site: Site, { campaign }: JobTable): Resolve {
  return (stage, own) => resolveResources(site, campaign, stage, own).resources;
}

export function isLive(root: string): boolean {
  const lock = readLock(root);
  return lock !== undefined && !lock.abandoned;
}

export function policyOf(table: JobTable, options: PlanningOptions): Policy {
  const { limit, canary, adopt, adoptOnly } = options;
  const [replace, target, exclude] = (["replace", "target", "exclude"] as const).map((option) => namedBy(table, option, options[option])); // prettier-ignore
  return {
    replace: replace?.has ?? NOBODY,
    ...(target ? { target } : {}),
    ...(exclude ? { exclude } : {}),
    ...(canary ? { canary } : {}),
    ...(limit === undefined ? {} : { limit }),
    adopt,
    ...(adoptOnly ? { adoptOnly } : {}),
  };
}

const NOBODY = (): boolean => false;

/** Undefined: the option was not given. */
function namedBy(table: JobTable, option: string, names: readonly string[]): Named | undefined {
  if (names.length === 0) return undefined;
  const resolved = resolveNames(table, names);
  return "named" in resolved ? resolved.named : unknown(`--${option}`, resolved.nobody, table);
}

function unknown(option: string, name: string, table: JobTable): never {
  const stages = table.stages.map(({ stage }) => stage.name).join(", ");
  return fail({
    code: "cli/unknown-job",
    message: `${option} ${name}: no such job or stage`,
    remedy: `Stages: ${stages}. \`cmc plan --list -v\` prints all keys.`,
  });
}
