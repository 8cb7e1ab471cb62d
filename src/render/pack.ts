// Groups -> job arrays. An array task runs one slice of a batch, as many jobs as fit into the site's packing time.
import { fail } from "../diagnostics/diagnostic.ts";
import { stageNamed } from "../expand/table.ts";
import type { Mode, ResourcesIR } from "../ir/stage.ts";
import type { Plan } from "../plan/types.ts";
import { modeOf, SHORT_SECONDS } from "../site/mode.ts";
import type { Queue, Site } from "../site/site.ts";
import { type Group, groupsOf, type Slice } from "./groups.ts";

/** What is needed to submit jobs of an array, or to make packs of them for a pool: slurm/NAME.json. */
export interface ArrayDescription {
  /** `mock`, and `mock-2` for a second queue: name of the script. */
  readonly name: string;
  readonly stage: string;
  readonly queue: Queue;
  /** Of one task: the largest of each field over the array's jobs, and the walltime of `perTask` of them. */
  readonly resources: ResourcesIR;
  /** Most jobs a task. */
  readonly perTask: number;
  /** Seconds of the longest job. Absent: nobody said. */
  readonly jobWalltime?: number;
  readonly mode: Mode;
}

export interface JobArray {
  readonly description: ArrayDescription;
  /** As an array, whatever the mode: submit.sh knows no pools. */
  readonly slices: readonly Slice[];
  /** Of the longest slice. */
  readonly walltime: number | undefined;
  readonly stagger: number;
}

/** For starting the worker and validating: an array task must outlive the jobs' own limits, or their end is not recorded. */
const GRACE_SECONDS = 120;

export function packArrays(plan: Plan, site: Site): readonly JobArray[] {
  const groups = groupsOf(plan, site);
  const { maxSubmit = Infinity, maxWalltime = Infinity } = site.limits;
  for (const { stage, resources } of groups)
    if ((resources.walltime ?? 0) > maxWalltime) tooLong(stage, maxWalltime, site);
  const loose = groups.map((group) => slicesOf(group, site, 1));
  // Jobs are packed tighter until the arrays fit; a batch and the longest walltime bound a task, and then they are submitted in turns.
  let packed = loose;
  for (let tightness = 2; count(packed) > maxSubmit && tightness < 1e6; tightness *= 2)
    packed = groups.map((group) => slicesOf(group, site, tightness));
  return groups.map((group, i) => arrayOf(plan, site, group, loose[i]!.length, packed[i]!));
}

function count(arrays: readonly (readonly Slice[])[]): number {
  return arrays.reduce((sum, slices) => sum + slices.length, 0);
}

function tooLong(stage: string, maxWalltime: number, site: Site): never {
  return fail({
    code: "plan/resources",
    message: `jobs of stage '${stage}' ask for more than the ${maxWalltime / 3600} h that site '${site.name}' allows`,
    remedy: "Lower the stage's walltime or use another site.",
  });
}

function slicesOf({ resources, stretches }: Group, site: Site, tightness: number): readonly Slice[] {
  const jobs = jobsPerTask(resources.walltime, site.packTo, site.limits.maxWalltime, tightness);
  return stretches.flatMap(({ batch, from, to }) =>
    Array.from({ length: Math.ceil((to - from) / jobs) }, (_, i) => ({
      batch,
      from: from + i * jobs,
      to: Math.min(to, from + (i + 1) * jobs),
    })),
  );
}

/** Without a walltime nothing is known about how long a job runs: the batch is the unit, as the campaign says. */
function jobsPerTask(
  walltime: number | undefined,
  packTo: number | undefined,
  longest = Infinity,
  tightness = 1,
): number {
  if (walltime === undefined || packTo === undefined) return 1e9;
  const wanted = Math.max(1, Math.floor(packTo / walltime)) * tightness;
  const allowed = Math.floor((longest - GRACE_SECONDS) / walltime);
  return Math.max(1, Math.min(wanted, allowed));
}

function arrayOf(plan: Plan, site: Site, group: Group, tasks: number, slices: readonly Slice[]): JobArray {
  const { name, stage, queue, stagger, resources } = group;
  const jobWalltime = resources.walltime;
  const mode = modeOf(site, plan.table.campaign, stageNamed(plan.table, stage)!.stage, jobWalltime, tasks);
  const longest = slices.reduce((most, { from, to }) => Math.max(most, to - from), 1);
  const perTask = mode === "array" ? longest : Math.min(longest, jobsPerTask(jobWalltime, SHORT_SECONDS));
  const description = { name, stage, queue, resources, perTask, mode };
  if (jobWalltime === undefined) return { description, slices, walltime: undefined, stagger };
  const walltime = (jobs: number) => Math.min(jobWalltime * jobs + GRACE_SECONDS, site.limits.maxWalltime ?? Infinity);
  const ofTask = { ...resources, walltime: walltime(perTask) };
  return {
    description: { ...description, resources: ofTask, jobWalltime },
    slices,
    walltime: walltime(longest),
    stagger,
  };
}
