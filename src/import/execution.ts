// How a production's jobs are run: resources laid over the machine's job type, retries, the environment it declares. Third part of a stage.
import type { Layers, Sources } from "./layers.ts";
import { type Notes, SILENT } from "./notes.ts";
import type { Property } from "./properties.ts";
import { byNode, durationText, resourceProperties, sectionsOf, walltimeProperty } from "./resources.ts";
import type { Path } from "./yaml-file.ts";

const DEPENDENCIES: readonly Path[] = [
  ["production", "dependencies"],
  ["campaign", "dependencies"],
];

export function execution({ all: layers, own, machine }: Sources, notes: Notes): Property[] {
  const { find } = layers;
  const jobType = find<string>(["execution", "job_type"])!.value;
  const above = notes.section(own, ["resources"]);
  const hours = own.find<number>(["execution", "timeout_hours"]);
  const said = byNode(own, ["resources"]);
  const given = resourceProperties(byNode(machine, ...sectionsOf(jobType)), SILENT);
  // Where a production counts its own nodes, all that follows from them is said; what the machine's job type gives is left to the site.
  const differs = ({ name, value }: Property) => given.find((other) => other.name === name)?.value !== value;
  const all = resourceProperties(byNode(layers, ...sectionsOf(jobType)), notes);
  const counted =
    Object.keys(said).length > 0 ? all.filter((line) => differs(line) || line.name in saidNames(said)) : [];
  const resources = [...(hours ? [walltimeProperty(hours, notes)] : []), ...counted];
  const version = find<string>(...DEPENDENCIES.map((path) => [...path, "rgrspit_diffsky"]));
  return [
    ...(resources.length > 0 ? [{ name: "resources", value: resources, above }] : []),
    ...retry(layers, notes),
    ...(version
      ? [{ name: "environment", value: [{ name: "rgrspit_diffsky", value: version.value, ...notes.take(version) }] }]
      : []),
  ];
}

const NAMES = { nodes_per_job: "nodes", tasks_per_node: "tasks", cpus_per_task: "cpus", gpus_per_node: "gpus", memory_gb: "memory" } as const; // prettier-ignore

function saidNames(said: object): Readonly<Record<string, true>> {
  return Object.fromEntries(Object.keys(said).map((field) => [NAMES[field as keyof typeof NAMES], true as const]));
}

function retry(layers: Layers, notes: Notes): Property[] {
  const { find } = layers;
  const at = (name: string) => find<number>(["execution", "retry_policy", name]);
  const [retries, factor, delay] = [at("max_retries"), at("backoff_multiplier"), at("initial_delay_minutes")];
  const above = notes.section(layers, ["execution", "retry_policy"]);
  const most = retries?.value ?? 3;
  const attempts: Property = { name: "attempts", value: most + 1, ...notes.take(retries, `${most} after the first`) };
  if (most === 0) return [{ name: "retry", value: [attempts], above }];
  const [times, minutes] = [factor?.value ?? 2, delay?.value ?? 5];
  const longest = minutes * times ** (most - 1);
  const backoff: Property[] = [
    { name: "initial", value: durationText(minutes), ...notes.take(delay) },
    { name: "factor", value: times, ...notes.take(factor) },
    // Unless said, an hour is the most that cmc waits.
    ...(longest > 60 ? [{ name: "max", value: durationText(Math.ceil(longest)), ...notes.take(undefined, `longest of ${most} retries`) }] : []),
  ]; // prettier-ignore
  return [{ name: "retry", value: [attempts, { name: "backoff", value: backoff }], above }];
}
