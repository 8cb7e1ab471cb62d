// What a whole campaign costs and how long it takes, before any of it was run: on so many nodes, or through a site's doors. Submits nothing.
import type { Compiled } from "../compile/compile.ts";
import type { Bounds, PlanCost, StageCost } from "../plan/cost-value.ts";
import { estimate } from "../plan/estimate.ts";
import { withSpace } from "../plan/space.ts";
import type { PlanSummary } from "../plan/types.ts";
import type { Site } from "../site/site.ts";
import { readJournals } from "../state/read-journal.ts";
import { onSite } from "./planning.ts";
import { freeSpace } from "./preflight.ts";
import { type Preview, type PreviewedArray, previewOf } from "./preview.ts";

export interface EstimateRequest {
  readonly site?: Site;
  /** That the campaign has to itself. Absent: as many as the site gives at once. */
  readonly nodes?: number;
}

export interface Estimated {
  /** Of a plan in which every job is new. Its refusals are no reason not to show it. */
  readonly summary: PlanSummary;
  /** Seconds by stage, each without the others. Empty: it is not known how many jobs run at once. */
  readonly wallClock: ReadonlyMap<string, Bounds>;
  /** Absent: no site with a scheduler. */
  readonly preview?: Preview;
}

export function estimateCampaign(compiled: Compiled, { site, nodes }: EstimateRequest): Estimated {
  const table = compiled.table();
  const { state } = readJournals(compiled.root).fold();
  const whole = estimate(table, state, site && onSite(site, table));
  const preview = site && previewOf(whole, site);
  const summary = withSpace(whole.summary, freeSpace(compiled.root));
  const refusals = [...summary.refusals, ...(preview?.refusals ?? [])];
  const wallClock = preview ? onCluster(summary.cost, preview, site, nodes) : onNodes(summary.cost, nodes);
  return { summary: { ...summary, refusals }, wallClock, ...(preview ? { preview } : {}) };
}

function onNodes({ stages }: PlanCost, nodes: number | undefined): ReadonlyMap<string, Bounds> {
  if (nodes === undefined) return new Map();
  return new Map(
    stages.map((stage) => [stage.stage, waves(stage, stage.jobs, 1, Math.floor(nodes / (stage.nodes / stage.jobs)))]),
  );
}

/** Arrays of one stage, for other queues, run one after the other. */
function onCluster(
  { stages }: PlanCost,
  { arrays, pools }: Preview,
  site: Site,
  nodes = Infinity,
): ReadonlyMap<string, Bounds> {
  const atOnce = (array: PreviewedArray): number => {
    const pool = array.mode === "pool" ? pools.find((one) => one.stages.includes(array.stage)) : undefined;
    if (pool) return Math.floor(Math.min(1, nodes / pool.nodes) * pool.streams);
    return Math.min(runningAtOnce(site, array), Math.floor(nodes / (array.resources.nodes ?? 1)));
  };
  const known = stages.flatMap((stage) => {
    const own = arrays.filter((array) => array.stage === stage.stage);
    if (own.some((array) => atOnce(array) === Infinity)) return [];
    const each = own.map((array) => waves(stage, array.jobs, array.mode === "pool" ? 1 : array.perTask, atOnce(array)));
    return [[stage.stage, inTurn(each)] as const];
  });
  return new Map(known);
}

/** Array tasks. Infinity: the profile does not say. */
function runningAtOnce({ limits, lanes }: Site, { resources }: PreviewedArray): number {
  const open = lanes.filter(({ jobTypes }) => !jobTypes || jobTypes.some((type) => type === resources.jobType));
  const through = open.length === 0 ? Infinity : open.reduce((sum, { cap = Infinity }) => sum + cap, 0);
  return Math.min(through, limits.maxRunning ?? Infinity);
}

/** `perTask` jobs one after the other, `slots` tasks at once. */
function waves({ walltime, seconds }: StageCost, jobs: number, perTask: number, slots: number): Bounds {
  if (slots < 1) return {};
  const rounds = Math.ceil(Math.ceil(jobs / perTask) / slots) * perTask;
  return {
    ...(walltime === undefined ? {} : { worst: rounds * walltime }),
    ...(seconds ? { expected: rounds * seconds.median } : {}),
  };
}

/** Absent where one of them is. */
export function inTurn(parts: readonly Bounds[]): Bounds {
  const sum = (which: keyof Bounds) => {
    const known = parts.flatMap((part) => part[which] ?? []);
    return known.length === parts.length ? { [which]: known.reduce((total, one) => total + one, 0) } : {};
  };
  return { ...sum("worst"), ...sum("expected") };
}
