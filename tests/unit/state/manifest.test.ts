// The manifest as people meet it: opened by the sqlite3 program, deleted and rebuilt to the same bytes.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JobTable } from "../../../src/expand/table.ts";
import { ACTIONS, REASONS } from "../../../src/plan/types.ts";
import type { Event } from "../../../src/state/events.ts";
import { openJournal } from "../../../src/state/journal.ts";
import { MANIFEST_FILE, manifestBytes, writeManifest } from "../../../src/state/manifest/manifest.ts";
import { seedManifest } from "../../../src/state/manifest/seed.ts";
import { readJournals } from "../../../src/state/read-journal.ts";
import { replaceFile } from "../../../src/state/replace-file.ts";
import { finished, fold, started, tableOf, temporaryRoot } from "./support.ts";

const table = tableOf([
  { name: "mock", axes: { redshift: [1.4, 2], name: ["north", "it's"], state: [true, false] } },
  { name: "covariance", axes: { redshift: [1.4, 2] }, inputs: { mocks: { all: "mock.out", over: ["name", "state"] } } },
]);

const mock = (redshift: number, name: string, state: boolean) =>
  `mock[name=${name === "it's" ? '"it\'s"' : name},redshift=${redshift},state=${state}]`;
const gate = { name: "dense", metric: "n_gal", level: "warn", message: "3 < 10" } as const;
const happened: Event[] = [
  {
    type: "apply-started",
    at: 1000,
    run: "r1",
    user: "ann",
    host: "h",
    bundle: "b1",
    campaignDigest: "c1",
    jobs: 10,
    toolVersion: "0.1.0",
    code: {},
  },
  started(mock(1.4, "north", true)),
  finished(mock(1.4, "north", true), "ok", {
    seconds: 7,
    metrics: [{ name: "n_gal", value: 3, unit: "1" }, { name: "chi2", value: "NaN" }, { name: "key", value: 0.5 }],
    gates: [{ ...gate, passed: false }],
  }), // prettier-ignore
  started(mock(1.4, "it's", true)),
  finished(
    mock(1.4, "it's", true),
    "exit",
    {},
    {
      exit: 3,
      logTail: "Traceback\n  boom",
      checks: [{ output: "out", check: "size/min", passed: false, message: "0 < 10 kB" }],
    },
  ),
  started(mock(2, "north", false)),
  started(mock(2, "north", true)),
  finished(mock(2, "north", true), "ok", { version: 9 }),
  started("gone[x=1]"),
  finished("gone[x=1]", "ok"),
  { type: "retry-requested", at: 2000, keys: [mock(2, "it's", true)], user: "bob", reason: "node was bad" },
  { type: "ramp-released", at: 2500, step: 1, jobs: 1, user: "ann", reason: "seen" },
  { type: "apply-finished", at: 3000, run: "r1", outcome: "failures" },
];

let sqlite = true;
try {
  execFileSync("sqlite3", ["--version"]);
} catch {
  sqlite = false;
}
const program = sqlite ? describe : describe.skip;
if (!sqlite)
  process.emitWarning("the sqlite3 program is not installed: what it reads from the manifest was NOT tested");

function query(file: string, sql: string): string[] {
  return execFileSync("sqlite3", ["-readonly", file, sql], { encoding: "utf8" }).split("\n").slice(0, -1); // prettier-ignore
}

describe("the manifest", () => {
  it("is rebuilt to the same bytes after it was deleted", async () => {
    const root = temporaryRoot();
    const journal = openJournal(root, { writer: "worker", run: "r1" });
    for (const event of happened) journal.append(event);
    journal.close();
    const file = join(root, MANIFEST_FILE);
    await writeManifest(root, table, readJournals(root).fold().state);
    const before = readFileSync(file);
    rmSync(file);
    await writeManifest(root, table, readJournals(root).fold().state);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("does not depend on the order in which things became known", async () => {
    const bytes = await Promise.all(
      [happened, happened.toReversed()].map((events) => manifestBytes(table, fold(events))),
    );
    expect(Buffer.from(bytes[0]!).equals(bytes[1]!)).toBe(true);
  });

  it("of more jobs than sql.js carries is refused before any work", async () => {
    const huge = { ...table, count: 2_000_001 } as JobTable;
    await expect(manifestBytes(huge, fold([]))).rejects.toThrow("2000001 jobs");
  });
});

program("asked by sqlite3, the manifest", async () => {
  const file = join(temporaryRoot(), "campaign.db");
  replaceFile(file, await manifestBytes(table, fold(happened)));
  const ask = (sql: string) => query(file, sql);

  it("is whole", () => {
    expect(ask("PRAGMA integrity_check")).toEqual(["ok"]);
    expect(ask("PRAGMA freelist_count")).toEqual(["0"]);
    expect(ask("SELECT value FROM meta WHERE name = 'campaign'")).toEqual(["toy"]);
  });

  it("says how far each stage is", () => {
    expect(ask("SELECT stage, jobs, done, running, new, stale, failed FROM progress")).toEqual([
      "mock|8|1|1|4|1|1",
      "covariance|2|0|0|2|0|0",
    ]);
  });

  it("has a view a stage with axes and metrics as columns, also where their names are taken", () => {
    const view = `SELECT key, redshift, name, axis_state, state, seconds, n_gal, chi2, metric_key FROM stage_mock LIMIT 2`;
    expect(ask(view)).toEqual([
      `${mock(1.4, "north", true)}|1.4|north|1|done|7.0|3.0||0.5`,
      `${mock(1.4, "north", false)}|1.4|north|0|new||||`,
    ]);
    expect(ask("SELECT count(*) FROM stage_mock WHERE redshift = 2 AND name = 'it''s'")).toEqual(["2"]);
    expect(ask("SELECT count(*) FROM stage_covariance")).toEqual(["2"]);
  });

  it("names failures with class, message and log", () => {
    expect(ask("SELECT key, class, exit, message, host, log_file, log_to FROM failures")).toEqual([
      `${mock(1.4, "it's", true)}|exit|3|it ended with exit|node7|logs/w0.log|10`,
    ]);
    expect(ask("SELECT output, check_name, message FROM failed_checks")).toEqual(["out|size/min|0 < 10 kB"]);
    expect(ask("SELECT level, gate, message FROM gate_failures")).toEqual(["warn|dense|3 < 10"]);
  });

  it("knows what runs, what was slow and where time went", () => {
    expect(ask("SELECT key, host, batch FROM running")).toEqual([`${mock(2, "north", false)}|node7|mock-0000`]);
    expect(ask("SELECT key, seconds FROM slowest LIMIT 1")).toEqual([`${mock(1.4, "north", true)}|7.0`]);
    expect(ask("SELECT stage, phase, attempts, seconds FROM phases WHERE stage = 'mock'")).toEqual([
      "mock|run|3|15.0",
      "mock|stage|3|1.5",
    ]);
    expect(ask("SELECT name, jobs, finite, mean FROM metrics_by_stage")).toEqual([
      "chi2|1|0|",
      "key|1|1|0.5",
      "n_gal|1|1|3.0",
    ]);
    expect(ask("SELECT text FROM metrics WHERE name = 'chi2'")).toEqual(["NaN"]);
    expect(ask("SELECT batch, ok, failed FROM batches WHERE stage = 'mock'")).toEqual(["mock-0000|2|1"]);
  });

  it("keeps runs, verbs, and jobs that left the campaign", () => {
    // An apply of an earlier cmc: what it did not record is NULL, what came of it is counted.
    expect(ask("SELECT run, site IS NULL, new IS NULL, to_run, done, failed FROM applies")).toEqual(["r1|1|1|10|3|1"]);
    expect(ask("SELECT run, user, outcome, started_at FROM runs")).toEqual([
      "r1|ann|failures|1970-01-01T00:00:01.000Z",
    ]);
    expect(ask("SELECT verb, key, user, reason FROM verbs")).toEqual([
      `retry-requested|${mock(2, "it's", true)}|bob|node was bad`,
      "ramp-released||ann|seen",
    ]);
    expect(ask("SELECT key, state FROM jobs WHERE NOT in_campaign")).toEqual(["gone[x=1]|done"]);
  });
});

describe("the seed in a bundle", () => {
  const plan = {
    table,
    action: Uint8Array.from({ length: table.count }, (_, row) => (row < 8 ? 0 : 4)),
    reason: Uint8Array.from({ length: table.count }, (_, row) => (row < 8 ? 0 : REASONS.indexOf("upstream_incomplete"))),
    batches: [{ id: "mock-0001", stage: "mock", rows: Uint32Array.of(4, 5) }, { id: "mock-0000", stage: "mock", rows: Uint32Array.of(3, 2, 1, 0) }],
  }; // prettier-ignore
  const names = { actions: ACTIONS, reasons: REASONS };

  it("has the same bytes every time", async () => {
    const [a, b] = await Promise.all([seedManifest(plan, names), seedManifest(plan, names)]);
    expect(Buffer.from(a).equals(b)).toBe(true);
  });

  it.skipIf(!sqlite)("says what is planned for each job, and on which line of which batch", async () => {
    const file = join(temporaryRoot(), "manifest.sqlite");
    replaceFile(file, await seedManifest(plan, names));
    expect(query(file, "PRAGMA integrity_check")).toEqual(["ok"]);
    expect(query(file, "SELECT * FROM planned")).toEqual([
      "covariance|wait|upstream_incomplete|2",
      "mock|create|new|8",
    ]);
    expect(query(file, "SELECT id, batch, line FROM jobs WHERE batch IS NOT NULL ORDER BY id")).toEqual([
      "0|mock-0000|3", "1|mock-0000|2", "2|mock-0000|1", "3|mock-0000|0", "4|mock-0001|0", "5|mock-0001|1",
    ]); // prettier-ignore
  });
});
