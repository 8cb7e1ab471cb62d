// A saved plan: everything an apply needs, as one value, and what must still be so when it is applied. How it lies in a file: plan-file.ts.
import { join } from "node:path";
import type { Sources } from "../compile/cache/witness.ts";
import type { Compiled, ReadyCampaign } from "../compile/compile.ts";
import type { JobTable } from "../expand/table.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import { freeze, type FrozenPlan } from "../plan/frozen.ts";
import type { Site } from "../site/site.ts";
import type { SourceFacts } from "../state/apply-facts.ts";
import { journalFingerprint } from "../state/read-journal.ts";
import { renderCampaign } from "./bundle.ts";
import type { Planned, PlanningOptions } from "./planning.ts";

/** Who made it, when, and how: shown, and never compared. */
export interface MadeBy {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly user: string;
  readonly host: string;
  /** As it was typed, for a shell, and where. */
  readonly command: string;
  readonly cwd: string;
  /** The campaign and its values with absolute paths, as words of a command line. */
  readonly given: string;
}

export interface SavedSite {
  /** A delivered name, or the absolute path of a profile. */
  readonly profile: string;
  readonly value: Site;
}

export interface PlanDigests {
  readonly campaign: string;
  /** Names, sizes and times of the journals: of one machine. */
  readonly state: string;
  readonly bundle: string;
}

export interface SavedPlan {
  readonly made: MadeBy;
  readonly tool: string;
  readonly ir: CampaignIR;
  /** What plan() was given; so is `plan.table`. */
  readonly table: JobTable;
  /** Absolute, on the machine where it was made. */
  readonly campaignDir: string;
  readonly root: string;
  /** The root was there: it is to be found again. */
  readonly rootExisted: boolean;
  readonly options: PlanningOptions;
  readonly plan: FrozenPlan;
  readonly site: SavedSite;
  /** ESM source of stages/<name>.mjs. */
  readonly stageModules: Readonly<Record<string, string>>;
  readonly sources: Sources;
  readonly digests: PlanDigests;
  /** Commit, uncommitted changes and lock file of the campaign's folder. */
  readonly source: SourceFacts;
}

export interface SaveRequest {
  readonly compiled: Compiled;
  readonly planned: Planned;
  readonly options: PlanningOptions;
  readonly site: SavedSite;
  readonly made: MadeBy;
  readonly rootExisted: boolean;
  /** Files beside those of the compilation: the variables file. */
  readonly files: Sources["contents"];
  readonly source: SourceFacts;
}

/** Renders the bundle too, in memory: its digest is the last word on what would be carried out. */
export async function savedPlan(request: SaveRequest): Promise<SavedPlan> {
  const { compiled, planned, options, site, made, rootExisted, source } = request;
  const { ir, campaignDir, root, digest, sources } = compiled;
  const [bundle, modules] = await Promise.all([
    renderCampaign(compiled, planned.plan, site.value),
    compiled.stageModules(),
  ]);
  const table = compiled.table();
  return {
    made,
    tool: TOOL_VERSION,
    ir,
    table,
    campaignDir,
    root,
    rootExisted,
    options,
    plan: freeze(planned.plan, table, planned.state, planned.observations),
    site,
    stageModules: Object.fromEntries(modules),
    sources: { ...sources, contents: [...sources.contents, ...request.files] },
    digests: { campaign: digest, state: journalFingerprint(root), bundle: bundle.digest },
    source,
  };
}

/** What apply works with. `base`: where the root is on this machine, instead of where it was. */
export function campaignOf(saved: SavedPlan, base: string | undefined, cacheDir: string | undefined): ReadyCampaign {
  const { ir, table, campaignDir, digests, stageModules } = saved;
  return {
    ir,
    table: () => table,
    digest: digests.campaign,
    campaignDir,
    root: base === undefined ? saved.root : join(base, `${ir.name}_${ir.version}`),
    stageModules: () => Promise.resolve(new Map(Object.entries(stageModules))),
    cacheDir,
  };
}
