// The bundle's manifest.sqlite: what a plan would do, one row a job. Written once with the bundle; nobody updates it.
import { keyOf, type JobTable, pointOf } from "../../expand/table.ts";
import { canonicalJson } from "../../ir/canonical.ts";
import { buildDatabase } from "./database.ts";
import { MANIFEST_VERSION } from "./schema.ts";

/** The part of a Plan (plan/types.ts) that is seeded: state/ may not import plan/. */
export interface SeedPlan {
  readonly table: JobTable;
  /** Per global row, indexes into `names`. */
  readonly action: Uint8Array;
  readonly reason: Uint8Array;
  readonly batches: readonly { readonly id: string; readonly stage: string; readonly rows: Uint32Array }[];
}

export interface SeedNames {
  readonly actions: readonly string[];
  readonly reasons: readonly string[];
}

const SCHEMA = `
PRAGMA user_version = ${MANIFEST_VERSION};
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE jobs (id INTEGER PRIMARY KEY, key TEXT NOT NULL, stage TEXT NOT NULL, point TEXT NOT NULL, params TEXT NOT NULL, recipe TEXT NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL, batch TEXT, line INTEGER);
CREATE TABLE batches (id TEXT PRIMARY KEY, stage TEXT NOT NULL, jobs INTEGER NOT NULL) WITHOUT ROWID;
`;

const INDEXES = `
CREATE UNIQUE INDEX jobs_key ON jobs (key);
CREATE INDEX jobs_batch ON jobs (batch, line);
CREATE VIEW planned AS SELECT stage, action, reason, count(*) AS jobs FROM jobs GROUP BY stage, action, reason ORDER BY stage, action, reason;
`;

/** Equal plans give equal bytes. `line` is the job's 0-based line in jobs/<batch>.jsonl. */
export async function seedManifest(plan: SeedPlan, names: SeedNames): Promise<Uint8Array> {
  const { table } = plan;
  return buildDatabase(table.count, SCHEMA, (builder) => {
    const { campaign } = table;
    const meta = builder.table("meta");
    const facts = {
      campaign: campaign.name,
      version: campaign.version,
      jobs: String(table.count),
      manifest_version: String(MANIFEST_VERSION),
    };
    for (const [name, value] of Object.entries(facts)) meta([name, value]);
    const batches = builder.table("batches");
    const place = places(plan);
    for (const { id, stage, rows } of plan.batches) batches([id, stage, rows.length]);
    const jobs = builder.table("jobs");
    for (const stage of table.stages)
      for (let i = 0; i < stage.count; i++) {
        const row = stage.first + i;
        const batch = plan.batches[place.batch[row]!];
        jobs([
          row, keyOf(stage, i), stage.stage.name, canonicalJson(pointOf(stage, i)), stage.params.at(i), stage.recipe.digest.at(i),
          names.actions[plan.action[row]!]!, names.reasons[plan.reason[row]!]!, batch?.id ?? null, batch ? place.line[row]! : null,
        ]); // prettier-ignore
      }
    builder.run(INDEXES);
  });
}

/** Per global row, the index of its batch (or one past the last) and its line there. */
function places({ table, batches }: SeedPlan): { readonly batch: Uint32Array; readonly line: Uint32Array } {
  const batch = new Uint32Array(table.count).fill(batches.length);
  const line = new Uint32Array(table.count);
  batches.forEach(({ rows }, b) =>
    rows.forEach((row, l) => {
      batch[row] = b;
      line[row] = l;
    }),
  );
  return { batch, line };
}
