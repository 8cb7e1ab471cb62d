// Batches -> job arrays. An array task runs one slice of a batch, as many jobs as fit into the site's packing time.
// Jobs of a stage that need another queue (job type by point) become an array of their own.
import { fail } from "../diagnostics/diagnostic.ts";
import { type StageTable, stageNamed } from "../expand/table.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { ResourcesIR } from "../ir/campaign.ts";
import type { Plan } from "../plan/types.ts";
import { resolveResources, type ResolvedResources } from "../site/resources.ts";
import type { Queue, Site } from "../site/site.ts";

export interface JobArray {
  /** `mock`, and `mock-2` for a second queue: name of the script. */
  readonly name: string;
  readonly stage: string;
  readonly queue: Queue;
  /** Largest of each field over the array's jobs; walltime of one array task. */
  readonly resources: ResourcesIR;
  readonly slices: readonly Slice[];
}

/** Lines from <= n < to of a batch file. */
export interface Slice {
  readonly batch: string;
  readonly from: number;
  readonly to: number;
}

/** For starting the worker and validating: an array task must outlive the jobs' own limits, or their end is not recorded. */
const GRACE_SECONDS = 120;

/** Jobs that follow each other in a batch and go to the same queue. */
interface Stretch extends Slice {
  readonly lane: Lane;
}

interface Lane {
  readonly name: string;
  readonly stage: string;
  readonly queue: Queue;
  resources: ResourcesIR;
  readonly stretches: Stretch[];
}

export function packArrays(plan: Plan, site: Site): readonly JobArray[] {
  const lanes = collectLanes(plan, site);
  const { maxSubmit = Infinity, maxWalltime = Infinity } = site.limits;
  for (const { stage, resources } of lanes)
    if ((resources.walltime ?? 0) > maxWalltime) tooLong(stage, maxWalltime, site);
  // Jobs are packed tighter until the arrays fit; a batch and the longest walltime bound an array task.
  for (let tightness = 1; ; tightness *= 2) {
    const arrays = lanes.map((lane) => arrayOf(lane, site, tightness));
    const tasks = arrays.reduce((sum, array) => sum + array.slices.length, 0);
    if (tasks <= maxSubmit) return arrays;
    if (tightness > 1e6) tooMany(tasks, maxSubmit, site);
  }
}

function tooLong(stage: string, maxWalltime: number, site: Site): never {
  return fail({
    code: "plan/resources",
    message: `jobs of stage '${stage}' ask for more than the ${maxWalltime / 3600} h that site '${site.name}' allows`,
    remedy: "Lower the stage's walltime or use another site.",
  });
}

function tooMany(tasks: number, maxSubmit: number, site: Site): never {
  return fail({
    code: "plan/resources",
    message: `the plan needs ${tasks} array tasks and site '${site.name}' takes ${maxSubmit} in its queue`,
    remedy: "Raise batchSize in the campaign, or plan fewer jobs with --limit.",
  });
}

function collectLanes(plan: Plan, site: Site): readonly Lane[] {
  const lanes = new Map<string, Lane>();
  for (const batch of plan.batches) {
    const stage = stageNamed(plan.table, batch.stage)!;
    const resolve = resolver(plan, stage, site);
    let open: { lane: Lane; from: number } | undefined;
    const close = (to: number) =>
      open && open.lane.stretches.push({ lane: open.lane, batch: batch.id, from: open.from, to });
    batch.rows.forEach((row, position) => {
      const resolved = resolve(row - stage.first);
      const lane = laneFor(lanes, batch.stage, resolved);
      lane.resources = larger(lane.resources, resolved.resources);
      if (open?.lane === lane) return;
      close(position);
      open = { lane, from: position };
    });
    close(batch.rows.length);
  }
  return [...lanes.values()];
}

/** Most stages have one answer for all jobs, or a handful by point. */
function resolver(plan: Plan, stage: StageTable, site: Site): (index: number) => ResolvedResources {
  const known = new Map<string, ResolvedResources>();
  return (index) => {
    const text = stage.resources?.at(index) ?? "";
    let resolved = known.get(text);
    if (!resolved) {
      const own = text ? (JSON.parse(text) as ResourcesIR) : {};
      known.set(text, (resolved = resolveResources(site, plan.table.campaign, stage.stage, own)));
    }
    return resolved;
  };
}

function laneFor(lanes: Map<string, Lane>, stage: string, { queue }: ResolvedResources): Lane {
  const id = `${stage} ${canonicalJson(queue as never)}`;
  let lane = lanes.get(id);
  if (!lane) {
    const earlier = [...lanes.values()].filter((other) => other.stage === stage).length;
    const name = earlier === 0 ? stage : `${stage}-${earlier + 1}`;
    lanes.set(id, (lane = { name, stage, queue, resources: {}, stretches: [] }));
  }
  return lane;
}

function larger(a: ResourcesIR, b: ResourcesIR): ResourcesIR {
  const result: Record<string, unknown> = { ...a };
  for (const [field, value] of Object.entries(b))
    result[field] = typeof value === "number" ? Math.max(value, (result[field] as number | undefined) ?? 0) : value;
  return result;
}

function arrayOf({ name, stage, queue, resources, stretches }: Lane, site: Site, tightness: number): JobArray {
  const jobs = jobsPerTask(resources.walltime, site, tightness);
  const slices: Slice[] = [];
  for (const { batch, from, to } of stretches)
    for (let start = from; start < to; start += jobs)
      slices.push({ batch, from: start, to: Math.min(to, start + jobs) });
  if (resources.walltime === undefined) return { name, stage, queue, resources, slices };
  const most = slices.reduce((max, slice) => Math.max(max, slice.to - slice.from), 1);
  const walltime = Math.min(resources.walltime * most + GRACE_SECONDS, site.limits.maxWalltime ?? Infinity);
  return { name, stage, queue, resources: { ...resources, walltime }, slices };
}

/** Without a walltime nothing is known about how long a job runs: the batch is the unit, as the campaign says. */
function jobsPerTask(walltime: number | undefined, { packTo, limits }: Site, tightness: number): number {
  if (walltime === undefined || packTo === undefined) return 1e9;
  const wanted = Math.max(1, Math.floor(packTo / walltime)) * tightness;
  const allowed = Math.floor(((limits.maxWalltime ?? Infinity) - GRACE_SECONDS) / walltime);
  return Math.max(1, Math.min(wanted, allowed));
}
