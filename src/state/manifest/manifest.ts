// metadata/campaign.db: the manifest of what is and was, a pure function of (table, state). Deleting it loses nothing.
import { join } from "node:path";
import { keyOf, pointOf, type JobTable } from "../../expand/table.ts";
import { canonicalJson } from "../../ir/canonical.ts";
import type { State, Verb } from "../reduce.ts";
import { replaceFile } from "../replace-file.ts";
import { applyRows } from "./apply-rows.ts";
import { alertRows, submissionRows } from "./cluster-rows.ts";
import { type Builder, buildDatabase } from "./database.ts";
import { JobRows } from "./job-rows.ts";
import { INDEXES, MANIFEST_VERSION, TABLES, VIEWS } from "./schema.ts";
import { stageView } from "./stage-views.ts";
import { time } from "./time.ts";

export const MANIFEST_FILE = join("metadata", "campaign.db");

/** Atomically: whoever has the old file open goes on reading the old one. */
export async function writeManifest(root: string, table: JobTable, state: State): Promise<void> {
  replaceFile(join(root, MANIFEST_FILE), await manifestBytes(table, state));
}

/** Equal table and state give equal bytes. */
export async function manifestBytes(table: JobTable, state: State): Promise<Uint8Array> {
  return buildDatabase(Math.max(table.count, state.jobs.size), TABLES, (builder) => {
    campaignRows(builder, table);
    const rows = new JobRows(builder, state);
    const known = declaredJobs(table, state, rows);
    if (known < state.jobs.size) leftJobs(table, state, rows);
    applyRows(builder, state);
    verbRows(builder, state.verbs);
    submissionRows(builder, state.submissions.values());
    alertRows(builder, state.alerts);
    builder.run(INDEXES);
    builder.run(VIEWS);
    for (const { stage } of table.stages)
      builder.run(stageView(stage, [...(rows.metricNames.get(stage.name) ?? [])].sort()));
  });
}

function campaignRows(builder: Builder, { campaign, stages, count }: JobTable): void {
  const meta = builder.table("meta");
  const facts = { campaign: campaign.name, version: campaign.version, description: campaign.description };
  for (const [name, value] of Object.entries({
    ...facts,
    jobs: String(count),
    manifest_version: String(MANIFEST_VERSION),
  }))
    meta([name, value]);
  const stage = builder.table("stages");
  const axis = builder.table("axes");
  stages.forEach(({ stage: ir, count: jobs }, position) => {
    stage([position, ir.name, ir.description, jobs, ir.run.kind === "task" ? ir.run.entry : "command", ir.code.digest]);
    ir.axes.forEach((a, i) => axis([ir.name, i, a.name, a.unit ?? null, a.values.length]));
  });
}

/** How many of the campaign's jobs the state knows. */
function declaredJobs(table: JobTable, state: State, rows: JobRows): number {
  let known = 0;
  for (const stage of table.stages)
    for (let i = 0; i < stage.count; i++) {
      const key = keyOf(stage, i);
      const declared = {
        point: canonicalJson(pointOf(stage, i)),
        params: stage.params.at(i),
        recipe: stage.recipe.digest.at(i),
      };
      const job = state.jobs.get(key);
      if (job) known += 1;
      rows.add({ id: stage.first + i, key, stage: stage.stage.name, declared }, job);
    }
  return known;
}

/** Jobs of the journal that the campaign no longer has, after all others, in key order. */
function leftJobs(table: JobTable, state: State, rows: JobRows): void {
  const declared = new Set<string>();
  for (const stage of table.stages) for (let i = 0; i < stage.count; i++) declared.add(keyOf(stage, i));
  const left = [...state.jobs.values()]
    .filter((job) => !declared.has(job.key))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  left.forEach((job, i) => rows.add({ id: table.count + i, key: job.key, stage: job.stage }, job));
}

function verbRows(builder: Builder, verbs: readonly Verb[]): void {
  const insert = builder.table("verbs");
  const rows = verbs.flatMap((verb) => {
    if (verb.type === "results-verified" || verb.type === "digests-recorded") return verifiedRows(verb);
    const keys: readonly (string | null)[] =
      "keys" in verb ? verb.keys : verb.type === "changes-accepted" ? verb.waivers.map(({ key }) => key) : [null];
    const said =
      verb.type === "jobs-forgotten"
        ? [null, null, verb.run]
        : [verb.user ?? null, verb.reason, verb.type === "cancel-requested" ? verb.run : null];
    return keys.map((key) => [time(verb.at), verb.type, key, ...said]);
  });
  const sorted = rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  for (const { row } of sorted) insert(row);
}

/** A row a result that is doubted or no longer is; digests may be recorded for all results at once, and are in `outputs`. */
function verifiedRows(verb: Extract<Verb, { results: unknown }>) {
  if (verb.type === "digests-recorded") return [[time(verb.at), verb.type, null, verb.user, verb.reason, null]];
  return verb.results.map(({ key, outputs, times }) => {
    const found = outputs.map(({ path, what }) => `${path}: ${what}`).join(", ");
    const fine = times ? "the content recorded, another time" : "as its receipt says";
    return [time(verb.at), verb.type, key, verb.user, found === "" ? fine : found, null];
  });
}
