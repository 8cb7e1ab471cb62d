// What an apply says of itself in the journal: where its campaign comes from, what it was asked, what it set out to do. Looks at the source; writes nothing.
import type { CampaignIR } from "../ir/campaign.ts";
import type { StageIR } from "../ir/stage.ts";
import { canonicalJson, digest128 } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";
import { diffDigest } from "../observe/git.ts";
import { lockFileOf } from "../observe/lock-file.ts";
import { wholeAxis } from "../plan/range.ts";
import type { Plan, PlanGroup } from "../plan/types.ts";
import type { ApplyFacts, AxisFacts, GitRecord, PlannedGroup, SourceFacts } from "../state/apply-facts.ts";
import { campaignGit, type Placed } from "./campaign-git.ts";
import type { PlanningOptions } from "./planning.ts";

/** Of the campaign's folder. `own`: paths there that are no changes of it. */
export async function sourceFacts(placed: Placed, own: readonly string[] = []): Promise<SourceFacts> {
  const git = await gitRecord(placed, own);
  const lockFile = lockFileOf(placed.campaignDir);
  return { ...(git ? { git } : {}), ...(lockFile ? { lockFile } : {}) };
}

/** Paths named; the rest are counted. */
const NAMED = 20;

async function gitRecord(placed: Placed, own: readonly string[]): Promise<GitRecord | undefined> {
  const facts = await campaignGit(placed, own);
  if (!facts) return undefined;
  const { commit, branch, dirty } = facts;
  const digest = await diffDigest(placed.campaignDir, facts);
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    dirty: dirty.slice(0, NAMED),
    changes: dirty.length,
    ...(digest === undefined ? {} : { diffDigest: digest }),
  };
}

export interface Intent {
  readonly source: SourceFacts;
  readonly plan: Plan;
  readonly planning: PlanningOptions;
  readonly site: string;
  readonly command: readonly string[];
  readonly bundleDir: string;
}

export function applyFacts({ source, plan, planning, site, command, bundleDir }: Intent): ApplyFacts {
  const { campaign } = plan.table;
  const { counts, groups } = plan.summary;
  return {
    campaign: campaign.name,
    version: campaign.version,
    site,
    command,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    ...source,
    variables: campaign.variables,
    options: asked(planning),
    bundleDir,
    counts,
    groups: groups.map(plannedGroup),
    axes: axesOf(campaign),
  };
}

/** Without what was left at its default. */
function asked(planning: PlanningOptions): Record<string, Json> {
  const options: Record<string, Json> = {};
  const { adoptOnly, ...plain } = planning;
  if (adoptOnly) options["verb"] = "adopt";
  for (const [name, value] of Object.entries(plain) as [string, Json | undefined][])
    if (value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)) options[name] = value;
  return options;
}

function plannedGroup(group: PlanGroup): PlannedGroup {
  const { stage, action, reason, count, range, example, detail, sharing, files } = group;
  const head = { stage, action, reason, count };
  if (action === "keep" || action === "wait") return head;
  return {
    ...head,
    range,
    example,
    ...(detail ? { detail: detail as unknown as Json } : {}),
    ...(sharing === undefined ? {} : { sharing }),
    ...(files ? { files } : {}),
  };
}

/** More values than this are told by their text. */
const LISTED = 50;

function axesOf({ stages }: CampaignIR): Record<string, readonly AxisFacts[]> {
  return Object.fromEntries(stages.map(({ name, axes }) => [name, axes.map(axisFacts)]));
}

function axisFacts(axis: StageIR["axes"][number]): AxisFacts {
  const { name, values } = axis;
  return {
    name,
    count: values.length,
    digest: digest128(values.map((value) => canonicalJson(value)).sort().join("\n")), // prettier-ignore
    text: wholeAxis(axis),
    ...(values.length <= LISTED ? { values } : {}),
  };
}
