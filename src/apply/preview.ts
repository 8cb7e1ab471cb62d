// How a site would carry a plan out: arrays or pools, how many tasks, what each asks for. From the same packing as the bundle; submits nothing.
import type { Mode, ResourcesIR } from "../ir/campaign.ts";
import type { Plan } from "../plan/types.ts";
import { packArrays } from "../render/pack.ts";
import type { Queue, Site } from "../site/site.ts";

export interface Preview {
  readonly site: string;
  readonly arrays: readonly PreviewedArray[];
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
}

/** Undefined: the site has no scheduler. Throws plan/resources as building the bundle would. */
export function previewOf(plan: Plan, site: Site): Preview | undefined {
  if (site.executor === "local") return undefined;
  const arrays = packArrays(plan, site).map(({ description, slices }): PreviewedArray => {
    const { name, stage, mode, perTask, resources, queue } = description;
    const jobs = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    const tasks = mode === "array" ? slices.length : Math.ceil(jobs / perTask);
    return { name, stage, mode, jobs, tasks, perTask: Math.min(perTask, jobs), resources, queue };
  });
  return { site: site.name, arrays };
}
