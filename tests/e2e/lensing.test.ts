// The lensing-ssc campaign from end to end: on a stand-in that has the layout of the published files, and on those where they are.
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { standinName, writeStandin } from "../../campaigns/lensing-ssc/standin.ts";
import { loadHdf5 } from "../../src/validators/hdf5/entry.ts";
import { makeRig, REPOSITORY, type Rig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { planLines } from "../helpers/plan-lines.ts";

/** A checkout of the campaign elsewhere, with the packages it imports. */
function checkout(): Rig {
  const rig = makeRig({ "package.json": "{}" });
  cpSync(join(REPOSITORY, "campaigns/lensing-ssc"), join(rig.dir, "campaigns/lensing-ssc"), { recursive: true });
  symlinkSync(join(REPOSITORY, "node_modules"), join(rig.dir, "node_modules"));
  // A tenth of the bootstrap: what is tested here is not its error bars.
  rig.edit("campaigns/lensing-ssc/campaign.ts", "resamples: 1000", "resamples: 100");
  return rig;
}

const ROOT = "runs/lensing-ssc_v1.0";
const SEEDS = { bigbox: [100, 102], tiled: [201, 202] } as const;

describe("lensing-ssc on a stand-in", () => {
  const rig = checkout();
  const given = ["lensing-ssc", "--set", "input=data"];
  const write = async (box: keyof typeof SEEDS, zs: number, seed: number) => {
    const folder = join(rig.dir, "data", box, "stats");
    mkdirSync(folder, { recursive: true });
    const standin = {
      zs,
      rows: 265,
      ngals: [0],
      smoothings: [2],
      superSample: box === "bigbox" ? 0.017 : 0,
      ...(box === "tiled" ? { planted: { row: 17, sigma: 40 } } : {}),
    };
    writeStandin(await loadHdf5(), join(folder, standinName(zs, seed)), standin, seed);
  };
  afterAll(rig.dispose);
  beforeAll(async () => {
    for (const zs of [0.5, 1])
      for (const box of ["bigbox", "tiled"] as const) for (const seed of SEEDS[box]) await write(box, zs, seed);
  });

  it("runs from published files to verdict, numbers and figure", async () => {
    const { code, out, err } = await rig.cmc(["apply", ...given, "--auto-approve"]);
    expect({ code, err, out: code === 0 ? "" : out }).toEqual({ code: 0, err: "", out: "" });
    expect(out).toMatch(/\nApplied\. 7 done \(\d with warnings\) in /);
    expect(out).toContain(rig.read(`${ROOT}/qa/verdict.txt`).trimEnd());
    expect(out).toContain(`Figures: ${ROOT}/qa/summary_plots/ratios.svg\n`);
    expect(out).toContain("\nNext: `cmc status lensing-ssc --set input=data`, ");
    expect(rig.read(`${ROOT}/qa/summary_plots/ratios.svg`)).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(readdirSync(join(rig.dir, ROOT, "merged")).sort()).toEqual([
      "bigbox_zs0.5.h5",
      "bigbox_zs1.0.h5",
      "tiled_zs0.5.h5",
      "tiled_zs1.0.h5",
    ]);
  });

  it("finds the patch that is wrong in every seed, says so by a warning gate, and keeps it out of the result", async () => {
    const { out } = await rig.cmc(["status", ...given]);
    expect(out).toMatch(/warn systematic patch of ratio\[zs=0\.5\]: systematicRows = [1-9]/);
    const database = join(rig.dir, ROOT, "metadata/campaign.db");
    expect(
      await query(database, "SELECT count(*) FROM metrics WHERE name = 'systematicRowsRemaining' AND value = 0"),
    ).toEqual([[2]]);
    const ratios = await query(
      database,
      "SELECT value FROM metrics WHERE name IN ('clVarianceRatioMin', 'clVarianceRatioMax')",
    );
    for (const [value] of ratios) expect(value).toBeGreaterThan(0.9);
    for (const [value] of ratios) expect(value).toBeLessThan(1.4);
  });

  it("is complete afterwards; a seed that is added is seen, and reruns exactly the box and redshift it belongs to and what follows", async () => {
    expect(await planLines(rig, given)).toEqual([]);
    await write("tiled", 0.5, 205);
    await write("tiled", 1, 205);
    const { out } = await rig.cmc(["plan", ...given, "-v"]);
    expect(out).toContain(
      "stats: data/tiled/stats/stats_zs0.5_s205_oa10.h5 was added\n".replace("data/", join(rig.dir, "data/")),
    );
    expect(await planLines(rig, given)).toEqual([
      "merge rerun params_changed 2",
      "ratio rerun upstream_changed 2",
      "report rerun upstream_changed 1",
    ]);
    expect(out).toContain("params.seeds[2]: (none) -> 205\n");
    const applied = await rig.cmc(["apply", ...given, "--auto-approve"]);
    expect({ code: applied.code, err: applied.err }).toEqual({ code: 0, err: "" });
    expect(await planLines(rig, given)).toEqual([]);
  });

  it("a seed that is missing at one redshift closes the gate of its box and redshift, and the other finishes", async () => {
    await write("bigbox", 0.5, 106);
    const applied = await rig.cmc(["apply", ...given, "--auto-approve", "--target", "merge"]);
    expect(applied.code).toBe(9);
    expect(applied.out).toContain(
      "validation merge[box=bigbox,zs=1]: gate no seed missing: missingSeeds = 1, must equal 0\n",
    );
    expect((await rig.cmc(["explain", "ratio[zs=1]", ...given])).out).toContain(
      "ratio[zs=1]  ! block (upstream_failed)\n",
    );
  });
});

const shared = join(process.env["CMC_SHARED_DATA"] ?? join(REPOSITORY, "../shared/data"), "lensing-ssc");
const present = existsSync(join(shared, "tiled/stats"));
if (!present) console.warn(`SKIPPED: no real data at ${shared}; set CMC_SHARED_DATA`);

describe.skipIf(!present)("lensing-ssc on the published files", () => {
  let rig: Rig;
  beforeAll(() => {
    rig = checkout();
  });
  afterAll(() => rig.dispose());

  it("gives its verdict, and every gate that must pass does", async () => {
    // One redshift (31 of 62 files) takes 10 s; CMC_ALL_DATA=1 takes both.
    const wanted = process.env["CMC_ALL_DATA"] === "1" ? /\.h5$/ : /_zs1\.0_.*\.h5$/;
    let linked = 0;
    for (const folder of ["bigbox/stats", "tiled/stats"]) {
      mkdirSync(join(rig.dir, "data", folder), { recursive: true });
      const names = readdirSync(join(shared, folder)).filter((name) => wanted.test(name));
      for (const name of names) symlinkSync(join(shared, folder, name), join(rig.dir, "data", folder, name));
      linked += names.length;
    }
    const given = ["lensing-ssc", "--set", "input=data"];
    const { code, out, err } = await rig.cmc(["apply", ...given, "--auto-approve"]);
    expect({ code, err, out: code === 0 ? "" : out }).toEqual({ code: 0, err: "", out: "" });
    expect(out).toMatch(/\nApplied\. [47] done \(\d with warnings\) in /);
    expect(await planLines(rig, given)).toEqual([]);
    const database = join(rig.dir, ROOT, "metadata/campaign.db");
    expect(rig.read(`${ROOT}/qa/verdict.txt`)).toMatch(/^PASS( with warnings)?: \d+ passed, \d+ warnings?, 0 failed$/m);
    expect(await query(database, "SELECT count(*) FROM gate_failures WHERE level = 'fail'")).toEqual([[0]]);
    const files = await query(
      database,
      "SELECT sum(json_array_length(params, '$.seeds')) FROM jobs WHERE stage = 'merge'",
    );
    expect(files).toEqual([[linked]]);
  });
});
