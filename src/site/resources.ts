// Which resources a job gets, and who said so: site, then the site's job type, then stage, then job; the later word wins.
// The campaign's own word is the default job type. Pure; never part of a fingerprint.
import type { CampaignIR, JobType, ResourcesIR, StageIR } from "../ir/campaign.ts";
import type { Queue, Site, SiteResources } from "./site.ts";

export type Origin = "site" | "site job type" | "campaign" | "stage" | "job";

export interface ResolvedResources {
  /** Absent fields: nobody said; the scheduler's or executor's default holds. */
  readonly resources: ResourcesIR;
  readonly queue: Queue;
  readonly origins: Readonly<Partial<Record<keyof ResourcesIR | keyof Queue, Origin>>>;
}

export function resolveResources(site: Site, ir: CampaignIR, stage: StageIR, job: ResourcesIR = {}): ResolvedResources {
  const origins: Partial<Record<keyof ResourcesIR | keyof Queue, Origin>> = {};
  const jobType = pickJobType(ir, stage, job);
  const ofType = jobType ? site.jobTypes[jobType.value] : undefined;
  const layers: readonly (readonly [Origin, SiteResources])[] = [
    ["site", site.resources],
    ["site job type", ofType?.resources ?? {}],
    ["stage", stage.resources],
    ["job", job],
  ];
  const resources: Record<string, number | string> = {};
  for (const [origin, layer] of layers) lay(resources, origins, origin, layer);
  if (jobType) {
    resources["jobType"] = jobType.value;
    origins.jobType = jobType.origin;
  }
  const queue: Record<string, string> = {};
  lay(queue, origins, "site", site.queue);
  lay(queue, origins, "site job type", ofType?.queue ?? {});
  return { resources, queue, origins };
}

function pickJobType(ir: CampaignIR, stage: StageIR, job: ResourcesIR): { value: JobType; origin: Origin } | undefined {
  if (job.jobType) return { value: job.jobType, origin: "job" };
  if (stage.resources.jobType) return { value: stage.resources.jobType, origin: "stage" };
  return ir.execution.jobType ? { value: ir.execution.jobType, origin: "campaign" } : undefined;
}

function lay(
  target: Record<string, number | string>,
  origins: Record<string, Origin>,
  origin: Origin,
  layer: object,
): void {
  for (const [field, value] of Object.entries(layer) as [string, number | string | undefined][]) {
    if (value === undefined || field === "jobType") continue;
    target[field] = value;
    origins[field] = origin;
  }
}
