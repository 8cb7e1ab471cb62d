// What a schema cannot say of a profile: fields that do not go together, words of sbatch that cmc says itself. Pure.
import { launchOf } from "./launch.ts";
import type { Path } from "./profile.ts";
import type { PoolShape, Queue, Site } from "./site.ts";

export interface SiteFault {
  readonly path: Path;
  readonly message: string;
}

export function siteFaults(site: Site): readonly SiteFault[] {
  return [...scratchFaults(site), ...optionFaults(site), ...laneFaults(site), ...poolFaults(site)];
}

function scratchFaults({ scratch, caches }: Site): readonly SiteFault[] {
  if (caches.length === 0 || scratch !== undefined) return [];
  return [{ path: ["caches"], message: "'caches' are folders below 'scratch', which is not given" }];
}

/** sbatch accepts the beginning of a long option for the whole: `--depend` is `--dependency`. */
const BY_CMC = [
  "array", "begin", "chdir", "clusters", "comment", "dependency", "error", "exclude", "export", "export-file", "hold", "job-name",
  "kill-on-invalid-dep", "no-requeue", "open-mode", "output", "parsable", "requeue", "signal", "test-only", "wait", "wrap",
]; // prettier-ignore
const FIELDS: Readonly<Record<string, string>> = {
  account: "queue.account", partition: "queue.partition", qos: "queue.qos", constraint: "queue.constraint",
  reservation: "queue.reservation", licenses: "queue.licenses", "mail-type": "queue.mail", "mail-user": "queue.mail",
  time: "resources.walltime", mem: "resources.memory", nodes: "resources.nodes", ntasks: "resources.tasks",
  "ntasks-per-node": "resources.tasks", "cpus-per-task": "resources.cpus", gpus: "resources.gpus",
  "gpus-per-node": "resources.gpus", "gpus-per-task": "resources.gpus",
}; // prettier-ignore

function optionFaults(site: Site): readonly SiteFault[] {
  const said = (queue: Queue, path: Path) =>
    (queue.options ?? []).flatMap((option, i) => {
      const name = option.slice(2).split("=")[0]!;
      const own = BY_CMC.find((word) => word.startsWith(name));
      const field = Object.keys(FIELDS).find((word) => word.startsWith(name));
      if (own === undefined && field === undefined) return [];
      const why = own === undefined ? `say it with '${FIELDS[field!]}'` : `cmc sets --${own} itself`;
      return [{ path: [...path, "options", i], message: `option ${option}: ${why}` }];
    });
  const ofTypes = Object.entries(site.jobTypes).flatMap(([type, { queue }]) =>
    said(queue, ["jobTypes", type, "queue"]),
  );
  return [...said(site.queue, ["queue"]), ...ofTypes];
}

function laneFaults({ lanes }: Site): readonly SiteFault[] {
  return lanes.flatMap(({ name }, i) =>
    lanes.findIndex((lane) => lane.name === name) === i
      ? []
      : [{ path: ["lanes", i, "name"], message: `two lanes have the name ${name}` }],
  );
}

function poolFaults(site: Site): readonly SiteFault[] {
  const { pool, lanes, limits } = site;
  const shapes: readonly (readonly [Path, PoolShape])[] = [
    [["pool"], pool],
    ...lanes.map((lane, i) => [["lanes", i, "pool"], lane.pool] as const),
  ];
  const faults = shapes.flatMap(([path, { nodes, streams, walltime }]) => {
    const found: SiteFault[] = [];
    const say = (field: string, message: string) => found.push({ path: [...path, field], message });
    if (streams % nodes !== 0 && nodes % streams !== 0)
      say("streams", `${streams} streams cannot share ${nodes} nodes evenly: one must be a multiple of the other`);
    if (nodes > 1 && launchOf(site).srun === undefined)
      say("nodes", `a pool of ${nodes} nodes needs srun as the first word of 'launcher'`);
    if (walltime > (limits.maxWalltime ?? Infinity))
      say("walltime", "a pool cannot last longer than limits.maxWalltime");
    return found;
  });
  // Lanes that take the pool's shape have its faults, too.
  return faults.filter(({ message }, i) => faults.findIndex((other) => other.message === message) === i);
}
