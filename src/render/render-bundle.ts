// Plan + site -> Bundle: every file of it, in memory. Pure: same arguments, same bytes. Writing is apply/bundle.ts.
import campaignSchema from "../ir/schema/campaign.schema.json";
import jobSchema from "../ir/schema/job.schema.json";
import { canonicalJson } from "../ir/canonical.ts";
import { plannedJobs } from "../plan/batches.ts";
import type { Plan } from "../plan/types.ts";
import type { Site } from "../site/site.ts";
import { type Bundle, encode, sealBundle } from "./bundle.ts";
import { batchesFile, jobFile } from "./jobs.ts";
import { packArrays } from "./pack.ts";
import { slurmFiles } from "./slurm.ts";

export interface RenderInput {
  readonly plan: Plan;
  /** Digest of IR and table (Compiled.digest). */
  readonly campaignDigest: string;
  readonly site: Site;
  /** SQLite file seeded with the plan (state/manifest). */
  readonly manifest: Uint8Array;
  /** dist/worker.mjs. */
  readonly worker: Uint8Array;
  /** dist/hdf5.mjs. Absent: no job of this build can use HDF5. */
  readonly hdf5?: Uint8Array;
  /** ESM source by stage name. */
  readonly stageModules: ReadonlyMap<string, string>;
}

export async function renderBundle(input: RenderInput): Promise<Bundle> {
  const { plan, site, campaignDigest } = input;
  const { campaign } = plan.table;
  const files = new Map<string, Uint8Array>();
  const text = (path: string, content: string) => files.set(path, encode(content));

  text("campaign.json", `${canonicalJson(campaign as never)}\n`);
  text("schema/campaign.schema.json", `${JSON.stringify(campaignSchema, null, 2)}\n`);
  text("schema/job.schema.json", `${JSON.stringify(jobSchema, null, 2)}\n`);
  files.set("manifest.sqlite", input.manifest);

  for (const batch of plan.batches) text(`jobs/${batch.id}.jsonl`, jobFile(plan.table, batch));
  text("batches.json", batchesFile(plan, site));

  files.set("worker.mjs", input.worker);
  if (input.hdf5) files.set("hdf5.mjs", input.hdf5);
  for (const [stage, source] of input.stageModules) text(`stages/${stage}.mjs`, source);

  for (const [path, content] of await slurmFiles(plan.table.campaign, packArrays(plan, site), site, files))
    text(path, content);

  return sealBundle(files, {
    campaign: { name: campaign.name, version: campaign.version, digest: campaignDigest },
    site: site.name,
    jobs: plannedJobs(plan),
  });
}
