// Pools of a plan: what one stream needs (the neediest job of the pool's stages), and what an allocation of each lane asks for.
import { fail } from "../diagnostics/diagnostic.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { ResourcesIR } from "../ir/stage.ts";
import type { Lane, PoolShape, Queue, Site } from "../site/site.ts";
import type { ArrayDescription, JobArray } from "./pack.ts";

/** slurm/pool.json; jobs that need another queue have a pool of their own, pool-2. */
export interface PoolDescription {
  /** Of the script. */
  readonly name: string;
  /** Names of the arrays whose jobs its workers may claim. */
  readonly arrays: readonly string[];
  /** In the order in which they are filled; one named `main` where the site has no lanes. */
  readonly lanes: readonly PoolLane[];
}

export interface PoolLane {
  readonly name: string;
  readonly queue: Queue;
  /** Workers of one allocation. */
  readonly streams: number;
  /** Of the whole allocation. */
  readonly resources: ResourcesIR & { readonly nodes: number; readonly walltime: number };
}

export interface Pool {
  readonly description: PoolDescription;
  readonly stagger: number;
}

export function poolsOf(arrays: readonly JobArray[], site: Site): readonly Pool[] {
  const byQueue = new Map<string, JobArray[]>();
  for (const array of arrays) {
    if (array.description.mode !== "pool") continue;
    const id = canonicalJson(array.description.queue as never);
    byQueue.set(id, [...(byQueue.get(id) ?? []), array]);
  }
  return [...byQueue.values()].map((pooled, i) => poolFor(i === 0 ? "pool" : `pool-${i + 1}`, pooled, site));
}

function poolFor(name: string, arrays: readonly JobArray[], site: Site): Pool {
  const descriptions = arrays.map(({ description }) => description);
  const most = (of: (array: ArrayDescription) => number | undefined) =>
    descriptions.reduce((max, array) => Math.max(max, of(array) ?? 0), 0);
  const nodes = Math.max(
    1,
    most(({ resources }) => resources.nodes),
  );
  const onNode = (field: "cpus" | "gpus" | "memory") => Math.ceil(most(({ resources }) => resources[field]) / nodes);
  const need = {
    nodes,
    walltime: most(({ jobWalltime }) => jobWalltime),
    cpus: onNode("cpus"),
    gpus: onNode("gpus"),
    memory: onNode("memory"),
  };
  const { queue } = descriptions[0]!;
  const lanes = lanesFor(descriptions, site).map((lane) =>
    laneOf(lane.name, { ...queue, ...lane.queue }, lane.pool, need, site),
  );
  const stagger = Math.max(...arrays.map((array) => array.stagger));
  return { description: { name, arrays: descriptions.map((array) => array.name), lanes }, stagger };
}

/** A lane for some job types takes no pool that runs others. */
function lanesFor(arrays: readonly ArrayDescription[], site: Site): readonly Pick<Lane, "name" | "queue" | "pool">[] {
  if (site.lanes.length === 0) return [{ name: "main", queue: {}, pool: site.pool }];
  const open = site.lanes.filter(({ jobTypes }) => jobTypes === undefined || arrays.every(({ resources }) => resources.jobType && jobTypes.includes(resources.jobType))); // prettier-ignore
  if (open.length === 0) refuse(`no lane of site '${site.name}' takes a pool for ${arrays.map(({ stage }) => stage).join(", ")}`); // prettier-ignore
  return open;
}

/** Of the neediest job; cpus, gpus and memory on each of its nodes, 0 where nobody said. */
interface Need {
  readonly nodes: number;
  readonly walltime: number;
  readonly cpus: number;
  readonly gpus: number;
  readonly memory: number;
}

function laneOf(name: string, queue: Queue, { nodes, streams, walltime }: PoolShape, need: Need, site: Site): PoolLane {
  const where = `pool of site '${site.name}', lane ${name}`;
  const nodesOfStream = Math.max(1, nodes / streams);
  if (need.nodes > nodesOfStream)
    refuse(`${where}: a job asks for ${need.nodes} nodes and a stream has ${nodesOfStream}`);
  if (need.walltime > walltime)
    refuse(`${where}: a job asks for ${need.walltime} s and an allocation lasts ${walltime} s`);
  const tasks = Math.max(nodes, streams);
  const resources = {
    nodes,
    tasks,
    // Scripts count whole seconds.
    walltime: Math.ceil(walltime),
    ...(need.cpus ? { cpus: need.cpus * tasks } : {}),
    ...(need.gpus ? { gpus: need.gpus * tasks } : {}),
    ...(need.memory ? { memory: need.memory * tasks } : {}),
  };
  // Otherwise SLURM may put three tasks on one node and one on the other.
  const options = [...(queue.options ?? []), `--ntasks-per-node=${tasks / nodes}`];
  return { name, queue: { ...queue, options }, streams, resources };
}

function refuse(message: string): never {
  const remedy = 'Change `pool` or the lane in the profile, the stage\'s resources, or give the stage mode: "array".';
  return fail({ code: "plan/resources", message, remedy });
}
