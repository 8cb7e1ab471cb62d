// Resources: productions count by node and by task, cmc for the whole job. One job type of a machine, or what a production lays over it.
import { type Layers, type Said, textOf } from "./layers.ts";
import type { Notes } from "./notes.ts";
import type { Property } from "./properties.ts";
import type { Path } from "./yaml-file.ts";

const FIELDS = ["nodes_per_job", "tasks_per_node", "cpus_per_task", "gpus_per_node", "memory_gb"] as const;
type Field = (typeof FIELDS)[number];

export type ByNode = Readonly<Partial<Record<Field, Said<number>>>>;

/** `sections`: of one file, the first that says it. */
export function byNode(layers: Layers, ...sections: readonly Path[]): ByNode {
  const found = FIELDS.map(
    (field) => [field, layers.find<number>(...sections.map((path) => [...path, field]))] as const,
  );
  return Object.fromEntries(found.filter(([, said]) => said !== undefined));
}

/** Where a machine's defaults say it; productions have the second only. */
export function sectionsOf(jobType: string): readonly [Path, Path] {
  return [["job_type_overrides", jobType], ["resources"]];
}

export function tasksOf({ nodes_per_job, tasks_per_node }: ByNode): number {
  return (nodes_per_job?.value ?? 1) * (tasks_per_node?.value ?? 1);
}

export function resourceProperties(said: ByNode, notes: Notes): Property[] {
  const { nodes_per_job, tasks_per_node, cpus_per_task, gpus_per_node, memory_gb } = said;
  const nodes = nodes_per_job?.value ?? 1;
  const a = (value: Said<number>, what: string, total: number, unit = "") =>
    value.value === total ? undefined : `${textOf(value) ?? value.value}${unit} a ${what}`;
  const line = (name: string, from: Said<number> | undefined, total: number, what: string) =>
    from ? [{ name, value: total, ...notes.take(from, a(from, what, total)) }] : [];
  return [
    ...line("nodes", nodes_per_job, nodes, "job"),
    ...line("tasks", tasks_per_node, tasksOf(said), "node"),
    ...line("cpus", cpus_per_task, (cpus_per_task?.value ?? 1) * tasksOf(said), "task"),
    ...line("gpus", gpus_per_node, (gpus_per_node?.value ?? 0) * nodes, "node"),
    ...(memory_gb
      ? [
          {
            name: "memory",
            value: `${tidy(memory_gb.value * nodes)} GB`,
            ...notes.take(memory_gb, a(memory_gb, "node", memory_gb.value * nodes, " GB")),
          },
        ]
      : []),
  ];
}

/** Whole minutes, as the production asked SLURM for: 0.167 hours are 10 minutes. */
export function minutesOf(hours: number): number {
  return Math.floor(tidy(hours * 60));
}

/** `24h`, `10m`, `2.5m` */
export function durationText(minutes: number): string {
  return minutes >= 60 && minutes % 60 === 0 ? `${minutes / 60}h` : `${tidy(minutes)}m`;
}

export function walltimeProperty(hours: Said<number>, notes: Notes): Property {
  const minutes = minutesOf(hours.value);
  const same = minutes % 60 === 0 && minutes >= 60;
  return {
    name: "walltime",
    value: durationText(minutes),
    ...notes.take(hours, same ? undefined : `${textOf(hours) ?? hours.value} hours`),
  };
}

/** Without what binary fractions add: 0.1 x 3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
