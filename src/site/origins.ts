// The resolved resources and queue of one job, field by field, and who says each: a line of a profile, the campaign, the stage, the job. Pure.
import type { CampaignIR } from "../ir/campaign.ts";
import type { ResourcesIR, StageIR } from "../ir/stage.ts";
import type { SiteField } from "./load.ts";
import type { Path } from "./profile.ts";
import { type Origin, resolveResources } from "./resources.ts";
import type { Site } from "./site.ts";

export interface ResolvedField {
  readonly section: "resources" | "queue" | "stagger";
  readonly field: string;
  /** Seconds, bytes, counts; queue words as the profile has them. */
  readonly value: unknown;
  readonly origin: Origin | "default";
  /** Where it is said; absent of the campaign and of defaults, which have no line of their own. */
  readonly file?: string;
  readonly line?: number;
}

export function resolvedFields(
  { site, fields }: { readonly site: Site; readonly fields: readonly SiteField[] },
  ir: CampaignIR,
  stage: StageIR,
  job: ResourcesIR,
): readonly ResolvedField[] {
  const { resources, queue, stagger, origins } = resolveResources(site, ir, stage, job);
  const { jobType } = resources;
  const typed = (...path: Path): Path => ["jobTypes", jobType ?? "", ...path];
  const said = (path: Path) => fields.find((one) => sameStart(one.path, path))?.said;
  const placeOf = (origin: Origin, section: string, field: string): Pick<ResolvedField, "file" | "line"> => {
    if (origin === "campaign") return {};
    if (origin === "stage" || origin === "job") return stage.definedAt;
    const span = said(origin === "site" ? [section, field] : typed(section, field));
    return span ? { file: span.file, line: span.line } : {};
  };
  const listed = (section: "resources" | "queue", values: object): ResolvedField[] =>
    Object.entries(values)
      .sort(inOrder)
      .map(([field, value]) => {
        const origin = origins[field as keyof typeof origins] ?? "default";
        return { section, field, value, origin, ...(origin === "default" ? {} : placeOf(origin, section, field)) };
      });
  const ofType = said(typed("stagger"));
  const span = ofType ?? said(["stagger"]);
  const staggered: ResolvedField = {
    section: "stagger",
    field: "stagger",
    value: stagger,
    origin: ofType ? "site job type" : span ? "site" : "default",
    ...(span ? { file: span.file, line: span.line } : {}),
  };
  return [...listed("resources", resources), ...listed("queue", queue), ...(stagger > 0 ? [staggered] : [])];
}

const ORDER = ["jobType", "walltime", "memory", "cpus", "gpus", "nodes", "tasks", "account", "partition", "qos", "constraint", "reservation", "licenses", "mail", "options"]; // prettier-ignore

function inOrder([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}

/** `queue.mail` is said by its members. */
function sameStart(path: Path, start: Path): boolean {
  return start.every((step, i) => path[i] === step);
}
