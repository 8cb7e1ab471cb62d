// Jobs of a stage that go to the same queue: stretches of batch lines with what the neediest of them asks for. Not packed yet.
import { type StageTable, stageNamed } from "../expand/table.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { ResourcesIR } from "../ir/stage.ts";
import type { Plan } from "../plan/types.ts";
import { resolveResources, type ResolvedResources } from "../site/resources.ts";
import type { Queue, Site } from "../site/site.ts";

/** Lines from <= n < to of a batch file. */
export interface Slice {
  readonly batch: string;
  readonly from: number;
  readonly to: number;
}

export interface Group {
  /** `mock`, and `mock-2` for a second queue: name of the script. */
  readonly name: string;
  readonly stage: string;
  readonly queue: Queue;
  readonly stagger: number;
  /** Largest of each field over the group's jobs. */
  readonly resources: ResourcesIR;
  readonly stretches: readonly Slice[];
}

interface OpenGroup extends Group {
  resources: ResourcesIR;
  readonly stretches: Slice[];
}

export function groupsOf(plan: Plan, site: Site): readonly Group[] {
  const groups = new Map<string, OpenGroup>();
  const stages = new Set(plan.table.stages.map(({ stage }) => stage.name));
  for (const batch of plan.batches) {
    const stage = stageNamed(plan.table, batch.stage)!;
    const resolve = resolver(plan, stage, site);
    let open: { group: OpenGroup; from: number } | undefined;
    const close = (to: number) => open?.group.stretches.push({ batch: batch.id, from: open.from, to });
    batch.rows.forEach((row, position) => {
      const resolved = resolve(row - stage.first);
      const group = groupFor(groups, stages, batch.stage, resolved);
      group.resources = larger(group.resources, resolved.resources);
      if (open?.group === group) return;
      close(position);
      open = { group, from: position };
    });
    close(batch.rows.length);
  }
  return [...groups.values()];
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

function groupFor(
  groups: Map<string, OpenGroup>,
  stages: ReadonlySet<string>,
  stage: string,
  { queue, stagger }: ResolvedResources,
): OpenGroup {
  const id = canonicalJson([stage, stagger, queue] as never);
  let group = groups.get(id);
  if (!group) {
    const taken = new Set([...groups.values()].map(({ name }) => name));
    group = { name: freeName(stage, taken, stages), stage, queue, stagger, resources: {}, stretches: [] };
    groups.set(id, group);
  }
  return group;
}

/** A second queue's is `mock-2`, unless a stage has that name. `pool` and `pool-2` are names of pools. */
function freeName(stage: string, taken: ReadonlySet<string>, stages: ReadonlySet<string>): string {
  const base = /^pool(-\d+)?$/.test(stage) ? `${stage}_` : stage;
  let name = base;
  for (let n = 2; taken.has(name) || (name !== stage && stages.has(name)); n++) name = `${base}-${n}`;
  return name;
}

function larger(a: ResourcesIR, b: ResourcesIR): ResourcesIR {
  const result: Record<string, unknown> = { ...a };
  for (const [field, value] of Object.entries(b))
    result[field] = typeof value === "number" ? Math.max(value, (result[field] as number | undefined) ?? 0) : value;
  return result;
}
