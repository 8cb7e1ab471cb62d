// How a site would carry a plan out: arrays or pools, how many tasks, what each asks for. From the same packing as the bundle; submits nothing.
import type { Mode, ResourcesIR } from "../ir/stage.ts";
import type { Plan } from "../plan/types.ts";
import type { Refusal } from "../plan/types.ts";
import { packArrays } from "../render/pack.ts";
import type { Queue, Site } from "../site/site.ts";
import { type PoolReservation, reserve, tooMuch } from "./reservation.ts";

export interface Preview {
  readonly site: string;
  readonly arrays: readonly PreviewedArray[];
  /** Allocations that are submitted first; their jobs are packs of the arrays. */
  readonly pools: readonly PoolReservation[];
  /** Why nothing may be submitted. */
  readonly refusals: readonly Refusal[];
}

export interface PreviewedArray {
  readonly name: string;
  readonly stage: string;
  readonly mode: Mode;
  readonly jobs: number;
  /** Array tasks, or packs of a pool. */
  readonly tasks: number;
  /** Most jobs a task or pack. */
  readonly perTask: number;
  /** Of one task, its walltime included; of a pool, of the neediest job. */
  readonly resources: ResourcesIR;
  readonly queue: Queue;
  /** Times that sbatch is asked, as far as an array's size matters; 0 for a pool. */
  readonly submissions: number;
  /** Array tasks that the queue takes at once; the others follow as these end. 0 for a pool. */
  readonly atOnce: number;
  /** That the scheduler reserves for these up front. Absent: no walltime is known, or it is a pool. */
  readonly reservedNodeHours?: number;
}

/** Undefined: the site has no scheduler. Throws plan/resources as building the bundle would. */
export function previewOf(plan: Plan, site: Site): Preview | undefined {
  if (site.executor === "local") return undefined;
  const packed = packArrays(plan, site);
  const { arrays: reservations, pools } = reserve(packed, site);
  const arrays = packed.map(({ description, slices }, i): PreviewedArray => {
    const { name, stage, mode, perTask, resources, queue } = description;
    const jobs = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    const tasks = mode === "array" ? slices.length : Math.ceil(jobs / perTask);
    return { name, stage, mode, jobs, tasks, perTask: Math.min(perTask, jobs), resources, queue, ...reservations[i]! };
  });
  return { site: site.name, arrays, pools, refusals: tooMuch(plan.table.campaign, arrays, pools, site) };
}
