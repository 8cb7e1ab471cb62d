// The resolved configuration in the shape of a YAML production: production, science, execution, resources, outputs. A value; writes nothing.
// What all stages share stands at the top of its section, under the names productions use; `stages` says everything.
import type { JobTable, StageTable } from "../expand/table.ts";
import type { AxisIR, StageIR } from "../ir/stage.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { Json, Scalar } from "../ir/json.ts";
import { resolveResources } from "../site/resources.ts";
import type { Site } from "../site/site.ts";

type Section = Record<string, Json>;

export function resolvedConfig({ campaign, stages }: JobTable, site: Site, root: string): Record<string, Section> {
  const by = (of: (stage: StageTable) => Section) => stages.map((stage) => [stage.stage.name, of(stage)] as const);
  const science = by(({ stage }) => axesSection(stage));
  const execution = by(({ stage }) => executionSection(stage, campaign.execution, resourcesOf(stage).resources));
  const resources = by((stage) => resourcesSection(stage, resourcesOf(stage.stage)));
  const outputs = by(({ stage }) => Object.fromEntries(stage.outputs.map(({ name, kind }) => [name, kind])));
  return {
    production: { name: campaign.name, version: campaign.version, description: campaign.description, tags: campaign.tags }, // prettier-ignore
    science: { ...productionAxes(science), variables: campaign.variables, stages: Object.fromEntries(science) },
    execution: { ...defined({ max_workers: campaign.execution.maxWorkers }), ...shared(execution), stages: Object.fromEntries(execution) }, // prettier-ignore
    resources: { site: site.name, ...shared(resources), stages: Object.fromEntries(resources) },
    outputs: { base_path: root, stages: Object.fromEntries(outputs) },
    ...(campaign.budget ? { budget: defined({ node_hours: campaign.budget.nodeHours, bytes: campaign.budget.bytes }) } : {}), // prettier-ignore
  };

  function resourcesOf(stage: StageIR): ReturnType<typeof resolveResources> {
    return resolveResources(site, campaign, stage);
  }
}

/** What productions call these axes, where every stage that has one has the same values. */
const PRODUCTION_AXES = { redshift: "redshifts", realization: "realizations" } as const;

function productionAxes(stages: readonly (readonly [string, Section])[]): Section {
  const section: Section = {};
  for (const [axis, name] of Object.entries(PRODUCTION_AXES)) {
    const said = stages.flatMap(([, axes]) => (axes[axis] === undefined ? [] : [[axis, { [axis]: axes[axis] }] as const])); // prettier-ignore
    const value = shared(said)[axis];
    if (value !== undefined) section[name] = value;
  }
  return section;
}

function axesSection({ axes }: StageIR): Section {
  return Object.fromEntries(axes.map((axis) => [axis.name, axisValue(axis)]));
}

/** Whole numbers at equal distances, as productions say them: start, count, step. */
function axisValue({ values }: AxisIR): Json {
  const [first, second] = values;
  const step = Number(second) - Number(first);
  const regular = (value: Scalar, i: number) => Number.isInteger(value) && value === Number(first) + i * step;
  if (values.length < 3 || step < 1 || !values.every(regular)) return values;
  return { start: first!, count: values.length, step };
}

type Resolved = ReturnType<typeof resolveResources>["resources"];

function executionSection(
  { run, retry, batchSize, mode, missingInput }: StageIR,
  defaults: JobTable["campaign"]["execution"],
  { jobType, walltime }: Resolved,
): Section {
  return defined({
    run: run.kind === "task" ? run.entry : "command",
    job_type: jobType,
    batch_size: batchSize ?? defaults.batchSize,
    mode: mode ?? defaults.mode,
    timeout_hours: walltime === undefined ? undefined : tidy(walltime / 3600),
    retry_policy: {
      max_retries: retry.attempts - 1,
      backoff_multiplier: retry.backoff.factor,
      initial_delay_minutes: tidy(retry.backoff.initial / 60),
    },
    missing_input: missingInput.policy,
  });
}

/** By node and by task, as productions count. */
function resourcesSection(stage: StageTable, { resources, queue }: ReturnType<typeof resolveResources>): Section {
  const { nodes = 1, tasks, cpus, gpus, memory } = resources;
  const each = (total: number | undefined, of: number) => (total === undefined ? undefined : tidy(total / of));
  return defined({
    account: queue.account,
    partition: queue.partition,
    qos: queue.qos,
    constraint: queue.constraint,
    nodes_per_job: resources.nodes,
    tasks_per_node: each(tasks, nodes),
    cpus_per_task: each(cpus, tasks ?? 1),
    memory_gb: each(memory, nodes * 1e9),
    gpus_per_node: each(gpus, nodes),
    // Some jobs ask for something else: their lines in the bundle say so.
    varies_by_job: stage.resources ? true : undefined,
  });
}

/** Members with the same value in all of them. */
function shared(sections: readonly (readonly [string, Section])[]): Section {
  const [first, ...rest] = sections.map(([, section]) => section);
  const same = ([name, value]: [string, Json]) =>
    rest.every((section) => section[name] !== undefined && canonicalJson(section[name]) === canonicalJson(value));
  return Object.fromEntries(Object.entries(first ?? {}).filter(same));
}

function defined(section: Readonly<Record<string, Json | undefined>>): Section {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined)) as Section;
}

/** Without what binary fractions add. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
