// A scientist's first hour: plan, apply, and everything is where the documentation says.
import { existsSync, lstatSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { anySpace } from "../helpers/free-space.ts";
import { query, sqlite3 } from "../helpers/database.ts";
import { differences, filesIn, snapshot } from "../helpers/folder.ts";
import { hasTool } from "../helpers/tools.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, json, pad, task, type FanInElement, type JobContext } from "cmc";
import { growth } from "./physics.ts";

const redshift = axis.list("redshift", [1.4, 0.5]);
const realization = axis.range("realization", { start: 7, count: 3 });
type Point = { redshift: number; realization: number };

function populate(ctx: JobContext<{ amplitude: number }, {}, "catalog", Point>): void {
  ctx.phase("compute");
  const value = ctx.params.amplitude * growth(ctx.point.redshift) + ctx.point.realization;
  ctx.metric("value", value, { unit: "Mpc/h" });
  ctx.log("populated " + ctx.key);
  ctx.writeText(ctx.outputs.catalog, JSON.stringify({ value }));
}

export const mock = defineStage({ name: "mock", matrix: [redshift, realization] }, {
  outputs: { catalog: json(({ redshift, realization }) => \`catalogs/r\${pad(realization, 4)}/z\${redshift.toFixed(3)}.json\`) },
}, { run: task(populate, { params: { amplitude: 2 } }), resources: { walltime: "1m", cpus: 1 } });

export const measure = defineStage({ name: "measure", matrix: [redshift, realization] }, {
  inputs: { catalog: mock.outputs.catalog.each() },
  outputs: { spectrum: file(({ redshift, realization }) => \`spectra/z\${redshift}_r\${realization}.txt\`) },
}, {
  run: command(({ inputs, outputs, point }) => ["sh", "-c", 'echo measuring $1; cat "$2" > "$3"', "measure", point.redshift, inputs.catalog, outputs.spectrum]),
  resources: { walltime: "1m", cpus: 1 },
});

function summarise(ctx: JobContext<Readonly<Record<string, never>>, { spectra: readonly FanInElement[] }, "table">): void {
  const rows = ctx.inputs.spectra.map(({ path, point }) => point["redshift"] + " " + point["realization"] + " " + ctx.readText(path));
  ctx.writeText(ctx.outputs.table, rows.join("\\n") + "\\n");
}

export const summary = defineStage({ name: "summary" }, {
  inputs: { spectra: measure.outputs.spectrum.all("redshift", "realization") },
  outputs: { table: file(() => "summary.txt") },
}, { run: task(summarise), resources: { walltime: "1m", cpus: 1 } });

export default defineCampaign({
  name: "first", version: "v1.0", description: "A first campaign", stages: [mock, measure, summary],
  outputs: { base: "runs" }, report: { text: [summary.outputs.table] },
});
`;
const PHYSICS = `export function growth(z: number): number {\n  return 1 / (1 + z);\n}\n`;

const PLAN = `first v1.0  13 jobs

mock
    + 6  new  redshift {1.4, 0.5} x realization 7..9
         e.g. mock[realization=7,redshift=1.4]

measure
    + 6  new  redshift {1.4, 0.5} x realization 7..9
         e.g. measure[realization=7,redshift=1.4]

summary
    + 1  new  summary

+ new

Plan: 13 new, 0 rerun, 0 retry, 0 adopt, 0 blocked, 0 unchanged.
Cost: up to 13 core-min; N GB free.
`;

const NO_CHANGES = `first v1.0  13 jobs

No changes. Every job has its receipt, and what it vouches for is there.

Plan: 0 new, 0 rerun, 0 retry, 0 adopt, 0 blocked, 13 unchanged.
Cost: nothing to run.
`;

// The order of a fan-in is that of axis names and values, so that reordering a matrix changes no result.
const SUMMARY = `0.5 7 {"value":8.333333333333334}
1.4 7 {"value":7.833333333333333}
0.5 8 {"value":9.333333333333334}
1.4 8 {"value":8.833333333333334}
0.5 9 {"value":10.333333333333334}
1.4 9 {"value":9.833333333333334}
`;

describe("a first run", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "physics.ts": PHYSICS });
  const root = join(rig.dir, "runs", "first_v1.0");
  const database = join(root, "metadata", "campaign.db");
  afterAll(rig.dispose);

  it("plan shows everything as new, and writes nothing but caches", async () => {
    await rig.cmc(["check"]); // makes the cache folder itself
    const before = snapshot(rig.dir, [".cache"]);
    const { code, out, err } = await rig.cmc(["plan"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(anySpace(out)).toBe(PLAN);
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
  });

  it("scripts learn from the exit code that there is something to do", async () => {
    expect((await rig.cmc(["plan", "--detailed-exitcode"])).code).toBe(2);
    expect((await rig.cmc(["plan", "--expect-no-changes"])).code).toBe(7);
    expect((await rig.cmc(["plan", "--expect-no-changes", "--detailed-exitcode"])).code).toBe(7);
  });

  it("apply without approval off a terminal shows the plan, exits 3 and runs nothing", async () => {
    const { code, out, err } = await rig.cmc(["apply"]);
    expect(code).toBe(3);
    expect(anySpace(out)).toBe(PLAN);
    expect(err).toBe(
      "error cli/not-approved: apply needs approval and there is no terminal to ask on\n" +
        "  remedy: Run it on a terminal, or pass --auto-approve.\n",
    );
    expect(filesIn(root)).toEqual([]);
    expect(existsSync(join(rig.dir, "generated"))).toBe(false);
    expect(anySpace((await rig.cmc(["plan"])).out)).toBe(PLAN);
  });

  it("apply --auto-approve runs it, says how it ended, prints the report and where to look next", async () => {
    const { code, out, err } = await rig.cmc(["apply", "--auto-approve"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(anySpace(out).startsWith(PLAN)).toBe(true);
    // A slow machine shows progress, at most every two seconds.
    const told = anySpace(out)
      .slice(PLAN.length)
      .replace(/^\d+ of \d+ jobs done, .*\n/gm, "");
    expect(told.replace(/ in [\d.]+ m?s, [\d.]+ jobs\/s\./, " in TIME.")).toBe(
      `Applied. 13 done in TIME.

${SUMMARY}
Results, manifest and receipts: runs/first_v1.0
Next: \`cmc status\`, \`cmc explain 'mock[realization=7,redshift=1.4]'\`, \`cmc plan\`.
`,
    );
  });

  it("publishes every output where the campaign says, and nothing else", () => {
    const published = filesIn(root).filter((path) => !/^(metadata|journal|logs)\//.test(path));
    const points = [7, 8, 9].flatMap((r) => [0.5, 1.4].map((z) => [r, z] as const));
    expect(published).toEqual(
      [
        ...points.map(([r, z]) => `catalogs/r000${r}/z${z.toFixed(3)}.json`),
        ...points.map(([r, z]) => `spectra/z${z}_r${r}.txt`),
        "summary.txt",
      ].sort(),
    );
    expect(rig.read("runs/first_v1.0/summary.txt")).toBe(SUMMARY);
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  });

  it("keeps a journal of checksummed lines in which every attempt has its end", () => {
    const lines = filesIn(join(root, "journal")).flatMap((file) => {
      expect(file).toMatch(/^(apply|worker)-[\w.-]+\.ndjson$/);
      return rig.read(`runs/first_v1.0/journal/${file}`).trimEnd().split("\n");
    });
    const events = lines.map((line) => JSON.parse(line) as { type: string; crc: string; class?: string });
    expect(events.every(({ crc }) => /^[0-9a-f]{8}$/.test(crc))).toBe(true);
    const count = (type: string) => events.filter((event) => event.type === type).length;
    expect({ started: count("attempt-started"), finished: count("attempt-finished") }).toEqual({
      started: 13,
      finished: 13,
    });
    expect({ begun: count("apply-started"), ended: count("apply-finished") }).toEqual({ begun: 1, ended: 1 });
    expect(count("journal-opened")).toBe(count("journal-closed"));
  });

  it("writes a manifest that answers questions in SQL", async () => {
    expect(await query(database, "SELECT stage, jobs, done, percent FROM progress")).toEqual([
      ["mock", 6, 6, 100],
      ["measure", 6, 6, 100],
      ["summary", 1, 1, 100],
    ]);
    const [best] = await query(
      database,
      "SELECT key, redshift, realization, value FROM stage_mock ORDER BY value DESC",
    );
    expect(best).toEqual(["mock[realization=9,redshift=0.5]", 0.5, 9, 2 / 1.5 + 9]);
    expect(await query(database, "SELECT outcome, jobs FROM runs")).toEqual([["done", 13]]);
  });

  it.skipIf(!hasTool("sqlite3"))("is readable by the sqlite3 program", () => {
    expect(sqlite3(database, "SELECT state, count(*) FROM jobs GROUP BY state")).toBe("done|13");
    expect(sqlite3(database, "PRAGMA integrity_check")).toBe("ok");
  });

  it("writes down where the results come from", () => {
    const provenance = JSON.parse(rig.read("runs/first_v1.0/metadata/provenance.json")) as {
      applies: Record<string, string>[];
    };
    const [applied] = provenance.applies;
    expect(provenance).toMatchObject({ campaign: "first", version: "v1.0" });
    expect(applied).toMatchObject({
      tool: "cmc 0.1.0",
      node: process.version,
      site: "local",
      command: ["cmc", "apply", "--auto-approve"],
    });
    expect(applied!["campaignDigest"]).toMatch(/^[0-9a-f]{64}$/);
    const config = rig.read("runs/first_v1.0/metadata/campaign_config.yaml");
    expect(config).toContain("name: first\n");
    expect(config).toContain("run: campaign.ts#populate\n");
  });

  it("links metadata/bundle to the bundle that was applied", () => {
    const link = join(root, "metadata", "bundle");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    const provenance = JSON.parse(rig.read("runs/first_v1.0/metadata/provenance.json")) as {
      applies: { bundle: string }[];
    };
    expect(realpathSync(link)).toBe(join(rig.dir, "generated", "first", provenance.applies[0]!.bundle));
    expect(existsSync(join(link, "worker.mjs"))).toBe(true);
  });

  it("gives every job's own output back with `cmc logs`", async () => {
    expect((await rig.cmc(["logs", "mock[redshift=0.5,realization=8]"])).out).toBe(
      "populated mock[realization=8,redshift=0.5]\n",
    );
    expect((await rig.cmc(["logs", "measure[realization=8,redshift=0.5]"])).out).toBe("measuring 0.5\n");
  });

  it("says afterwards that there is nothing to do, in words and by exit code, and a second apply does nothing", async () => {
    expect(await rig.cmc(["plan"])).toMatchObject({ code: 0, out: NO_CHANGES, err: "" });
    expect((await rig.cmc(["plan", "--detailed-exitcode"])).code).toBe(0);
    expect((await rig.cmc(["plan", "--expect-no-changes"])).code).toBe(0);
    const before = snapshot(root, ["metadata"]);
    expect(await rig.cmc(["apply"])).toMatchObject({ code: 0, out: NO_CHANGES });
    expect(differences(before, snapshot(root, ["metadata"]))).toEqual([]);
  });

  it("status shows every stage complete", async () => {
    const { code, out } = await rig.cmc(["status", "--check"]);
    expect(code).toBe(0);
    expect(out).toContain(`first v1.0  13 of 13 jobs done  ${root}\n`);
    expect(out).toMatch(/ {2}mock {5}#{20} {6}6\/6/);
    expect(out).toContain("Everything is done.");
  });
});
