// Which resources a job gets, and who said so: site, the site's job type, campaign, stage, job; the later word wins.
// The campaign names the default job type, too. Pure; never part of a fingerprint.
import type { CampaignIR } from "../ir/campaign.ts";
import type { JobType, ResourcesIR, StageIR } from "../ir/stage.ts";
import type { Queue, Site } from "./site.ts";

export type Origin = "site" | "site job type" | "campaign" | "stage" | "job";

export interface ResolvedResources {
  /** Absent fields: nobody said; the scheduler's or executor's default holds. */
  readonly resources: ResourcesIR;
  readonly queue: Queue;
  /** Seconds over which workers that start together are spread. */
  readonly stagger: number;
  readonly origins: Readonly<Partial<Record<keyof ResourcesIR | keyof Queue, Origin>>>;
}

export function resolveResources(site: Site, ir: CampaignIR, stage: StageIR, job: ResourcesIR = {}): ResolvedResources {
  const origins: Partial<Record<keyof ResourcesIR | keyof Queue, Origin>> = {};
  const jobType = pickJobType(ir, stage, job);
  const ofType = jobType ? site.jobTypes[jobType.value] : undefined;
  const lay = <T extends object>(layers: readonly (readonly [Origin, T | undefined])[]): T => {
    const result: Record<string, unknown> = {};
    for (const [origin, layer] of layers)
      for (const [field, value] of Object.entries(layer ?? {})) {
        if (value === undefined || field === "jobType") continue;
        result[field] = value;
        origins[field as keyof typeof origins] = origin;
      }
    return result as T;
  };
  const resources = lay<ResourcesIR>([
    ["site", site.resources],
    ["site job type", ofType?.resources],
    ["stage", stage.resources],
    ["job", job],
  ]);
  for (const field of stage.inherited ?? []) if (origins[field] === "stage") origins[field] = "campaign";
  if (jobType) origins.jobType = jobType.origin;
  return {
    resources: { ...resources, ...(jobType ? { jobType: jobType.value } : {}) },
    queue: lay<Queue>([
      ["site", site.queue],
      ["site job type", ofType?.queue],
    ]),
    stagger: ofType?.stagger ?? site.stagger,
    origins,
  };
}

function pickJobType(ir: CampaignIR, stage: StageIR, job: ResourcesIR): { value: JobType; origin: Origin } | undefined {
  if (job.jobType) return { value: job.jobType, origin: "job" };
  if (stage.resources.jobType) return { value: stage.resources.jobType, origin: "stage" };
  return ir.execution.jobType ? { value: ir.execution.jobType, origin: "campaign" } : undefined;
}
