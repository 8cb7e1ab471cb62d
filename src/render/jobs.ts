// The job files of a bundle: one canonical JSON line a job, and batches.json that lists them. Parameters travel here and nowhere else.
import { type JobTable, jobLine, stageNamed } from "../expand/table.ts";
import { canonicalJson } from "../ir/canonical.ts";
import type { Batch, Plan } from "../plan/types.ts";
import { resolveResources } from "../site/resources.ts";
import type { Site } from "../site/site.ts";

export function jobFile(table: JobTable, batch: Batch): string {
  const stage = stageNamed(table, batch.stage)!;
  let text = "";
  for (const row of batch.rows) text += `${canonicalJson(jobLine(table, stage, row - stage.first) as never)}\n`;
  return text;
}

/** Batch id, stage, job count and the stage's resources on this site; jobs that depart from them say so in their line. */
export function batchesFile({ table, batches }: Plan, site: Site): string {
  const entries = batches.map(({ id, stage, rows }) => ({
    id,
    stage,
    jobs: rows.length,
    file: `jobs/${id}.jsonl`,
    resources: resolveResources(site, table.campaign, stageNamed(table, stage)!.stage).resources,
  }));
  return `[${entries.map((entry) => `\n${canonicalJson(entry as never)}`).join(",")}\n]\n`;
}
