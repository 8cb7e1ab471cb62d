// Doors of a site: every way into its queue that a campaign's jobs may take, as the smallest submission that goes through it. Pure.
import { canonicalJson } from "../ir/canonical.ts";
import type { Submission } from "../executors/slurm/sbatch.ts";
import type { LaneQueue, Queue, Site, SiteResources } from "../site/site.ts";

export interface Door {
  /** `queue`, `job type gpu_intensive`, `lane premium`, `pool in lane premium`. */
  readonly name: string;
  readonly queue: Queue;
  readonly resources: SiteResources;
}

/** In the order of the profile; what asks for the same as one before it is left out. */
export function doorsOf(site: Site): readonly Door[] {
  const types = Object.entries(site.jobTypes).map(([type, { queue, resources }]) => ({
    name: `job type ${type}`,
    queue: { ...site.queue, ...queue },
    resources: { ...site.resources, ...resources },
  }));
  const lanes = site.lanes.flatMap(({ name, queue, pool: { nodes, walltime } }) => {
    const through = merged(site.queue, queue);
    const array = { name: `lane ${name}`, queue: through, resources: site.resources };
    if (site.pool.when === "never") return [array];
    return [array, { name: `pool in lane ${name}`, queue: through, resources: { nodes, walltime } }];
  });
  const all = [{ name: "queue", queue: site.queue, resources: site.resources }, ...types, ...lanes];
  const seen = new Set<string>();
  return all.filter(({ queue, resources }) => {
    const id = canonicalJson({ queue, resources } as never);
    return !seen.has(id) && seen.add(id);
  });
}

function merged(queue: Queue, lane: LaneQueue): Queue {
  return { ...queue, ...lane };
}

/** For `sbatch --test-only`. @param script any that begins with `#!` */
export function trial({ queue, resources }: Door, script: string, workingDirectory: string): Submission {
  const { licenses, mail, options, ...place } = queue;
  const { walltime, memory, cpus, gpus, tasks, nodes } = resources;
  return {
    script,
    jobName: "cmc-doctor",
    workingDirectory,
    ...place,
    ...(licenses ? { licenses } : {}),
    ...(mail ? { mail } : {}),
    ...(options ? { extra: options } : {}),
    ...(walltime === undefined ? {} : { walltime }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(tasks === undefined ? {} : { tasks }),
    ...(cpus === undefined ? {} : { cpusPerTask: Math.ceil(cpus / (tasks ?? 1)) }),
    ...(gpus ? { gpusPerNode: Math.ceil(gpus / (nodes ?? 1)) } : {}),
    ...(memory === undefined ? {} : { memory: memory / (nodes ?? 1) }),
  };
}
