// The verb `adopt`: last year's catalogues lie in another layout, and become results once their validators pass.
import { linkSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import * as h5wasm from "h5wasm/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, echo, file, hdf5 } from "cmc";
const realization = axis.range("realization", { count: 3 });
const redshift = axis.list("redshift", [0.5, 2]);
export const mock = defineStage({ name: "mock", matrix: [realization, redshift] }, {
  outputs: { catalog: hdf5(({ realization, redshift }) => \`catalogs/r\${realization}/z\${redshift}.hdf5\`, {
    datasets: { mass: { dtype: "f8", shape: ["n"] } }, attributes: { z: echo("redshift") } }) },
}, { run: command(({ outputs }) => ["false", outputs.catalog]) });
export const sum = defineStage({ name: "sum", matrix: [realization] }, {
  inputs: { mocks: mock.outputs.catalog.all("redshift") }, outputs: { out: file(({ realization }) => \`sums/\${realization}.txt\`) },
}, { run: command(({ outputs }) => ["touch", outputs.out]) });
export default defineCampaign({ name: "this-year", version: "v1.0", stages: [mock, sum], outputs: { base: "runs" } });
`;

const OLD = ["--from", "old/ph{realization}/mock_z{redshift}.hdf5", "--output", "mock.catalog"];
const why = ["--because", "made last year"];

describe("adopts last year's catalogues", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const root = "runs/this-year_v1.0";
  const old = (path: string) => join(rig.dir, "old", path);
  const catalogue = (path: string, z: number) => {
    mkdirSync(dirname(old(path)), { recursive: true });
    const h5 = new h5wasm.File(old(path), "w");
    h5.create_dataset({ name: "mass", data: new Float64Array([1, 2, 3]) });
    h5.create_attribute("z", z);
    h5.close();
  };
  const all = () => readdirSync(rig.dir, { recursive: true, encoding: "utf8" }).filter((name) => /^(runs|old)\b/.test(name)).sort(); // prettier-ignore

  beforeAll(async () => {
    await h5wasm.ready;
    catalogue("ph0/mock_z0.500.hdf5", 0.5);
    catalogue("ph0/mock_z2.000.hdf5", 2);
    catalogue("ph1/mock_z0.500.hdf5", 0.5);
    truncateSync(old("ph1/mock_z0.500.hdf5"), 700);
    // The file of another redshift under this name.
    catalogue("ph1/mock_z2.000.hdf5", 0.5);
    catalogue("ph9/mock_z2.000.hdf5", 2);
  });
  afterAll(rig.dispose);

  it("says what it would do, and does nothing", async () => {
    const before = all();
    const { code, out, err } = await rig.cmc(["adopt", ...OLD, ...why, "--dry-run"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out)
      .toBe(`Would be adopted, once their validators pass: 4 jobs, mock[realization=0,redshift=0.5] and 3 others.
  mock[realization=0,redshift=0.5]  old/ph0/mock_z0.500.hdf5 -> catalogs/r0/z0.5.hdf5
  mock[realization=0,redshift=2]  old/ph0/mock_z2.000.hdf5 -> catalogs/r0/z2.hdf5
  mock[realization=1,redshift=0.5]  old/ph1/mock_z0.500.hdf5 -> catalogs/r1/z0.5.hdf5
  mock[realization=1,redshift=2]  old/ph1/mock_z2.000.hdf5 -> catalogs/r1/z2.hdf5
4 files would be linked to their places.
2 jobs, mock[realization=2,redshift=0.5] first, each has no file
1 file of no job: old/ph9/mock_z2.000.hdf5
Nothing was done.
`);
    expect(all()).toEqual(before);
  });

  it("adopts what passes, and takes away again what does not", async () => {
    const { code, out } = await rig.cmc(["adopt", ...OLD, ...why]);
    expect(code).toBe(9);
    expect(out).toMatch(/validation mock\[realization=1,redshift=0\.5\]: catalog: .*truncated/);
    expect(out).toMatch(/validation mock\[realization=1,redshift=2\]: catalog: .*z.* 0\.5.* 2/);
    expect(out).toContain(`Adopted: 2 jobs, mock[realization=0,redshift=0.5] and 1 other.
Not adopted: 2 jobs, mock[realization=1,redshift=0.5] and 1 other; \`cmc explain\` says what is wrong.
4 files brought.
2 files that did not pass taken away again; the originals are as they were.
`);
    expect(readdirSync(join(rig.dir, root, "catalogs"))).toEqual(["r0"]);
    expect(statSync(old("ph0/mock_z2.000.hdf5")).ino).toBe(statSync(join(rig.dir, root, "catalogs/r0/z2.hdf5")).ino);
    expect(readdirSync(old("ph1"))).toEqual(["mock_z0.500.hdf5", "mock_z2.000.hdf5"]);
    expect(readdirSync(join(rig.dir, root, "staging"))).toEqual([]);
  });

  it("the plan has the rest to make, and knows who adopted what and why", async () => {
    expect(await planLines(rig)).toEqual(["mock create new 2", "mock retry retry_validation 2", "sum create new 3"]);
    const { out } = await rig.cmc(["explain", "mock[realization=0,redshift=2]"]);
    expect(out).toMatch(/\nsaid\n.* adopt by \w+: made last year\n/);
    const database = join(rig.dir, root, "metadata/campaign.db");
    const verbs = await query(database, "SELECT key, reason FROM verbs WHERE verb = 'adoption-requested'");
    expect(verbs).toHaveLength(4);
    expect(verbs[0]).toEqual(["mock[realization=0,redshift=0.5]", "made last year"]);
    expect((await rig.cmc(["history"])).out).toMatch(/adopt .*4 jobs.*made last year/);
    expect(await query(database, "SELECT count(*) FROM jobs WHERE adopted")).toEqual([[2]]);
  });

  it("said again, it leaves results alone and takes up what was mended, by selection; a move removes the original", async () => {
    rmSync(old("ph1/mock_z2.000.hdf5"));
    catalogue("ph1/mock_z2.000.hdf5", 2);
    const objects = await rig.json([
      "adopt",
      "--where",
      "realization=0..1,redshift=2",
      ...OLD,
      ...why,
      "--how",
      "move",
    ]);
    expect(objects.filter(({ type }) => type === "adopt")).toEqual([
      { type: "adopt", key: "mock[realization=1,redshift=2]", adopted: true, files: [{ output: "mock.catalog", from: old("ph1/mock_z2.000.hdf5"), to: join(rig.dir, root, "catalogs/r1/z2.hdf5") }] }, // prettier-ignore
    ]);
    expect(objects.filter(({ type }) => type === "passed-over")).toEqual([
      { type: "passed-over", key: "mock[realization=0,redshift=2]", why: "has a result already" },
    ]);
    // Also of the result that was linked before.
    expect(objects.at(-1)).toMatchObject({ type: "verb", jobs: 1, adopted: 1, brought: 1, removed: 2, others: 2, recorded: true }); // prettier-ignore
    expect(readdirSync(old("ph1"))).toEqual(["mock_z0.500.hdf5"]);
    expect(await planJobs(rig, ["--stage", "mock"])).toEqual([
      "mock[realization=1,redshift=0.5] retry retry_validation",
      "mock[realization=2,redshift=0.5] create new",
      "mock[realization=2,redshift=2] create new",
    ]);
  });

  it("what lies at its place is adopted there; what is made of jobs without a result is not", async () => {
    rig.write(`${root}/sums/0.txt`, "by hand\n");
    rig.write(`${root}/sums/1.txt`, "by hand\n");
    const { code, out } = await rig.cmc(["adopt", "sum[realization=0]", "sum[realization=1]", "sum[realization=2]", ...why]); // prettier-ignore
    expect(code).toBe(0);
    expect(out).toContain(`Adopted: 1 job, sum[realization=0].
sum[realization=1] is made from jobs that have no result
sum[realization=2] has no file at its place
`);
    expect(rig.read(`${root}/sums/0.txt`)).toBe("by hand\n");
  });

  it("never brings over something that is there, and replaces no result that is out of date", async () => {
    catalogue("ph2/mock_z0.500.hdf5", 0.5);
    rig.write(`${root}/catalogs/r2/z0.5.hdf5`, "something else");
    rig.edit("campaign.ts", '["touch", outputs.out]', '["touch", "-a", outputs.out]');
    const { code, out } = await rig.cmc(["adopt", "--where", "realization=2", ...OLD, ...why]);
    expect(code).toBe(0);
    expect(out).toContain("mock[realization=2,redshift=0.5] is not adopted: something else lies at its place\n");
    expect(rig.read(`${root}/catalogs/r2/z0.5.hdf5`)).toBe("something else");
    const stale = await rig.cmc(["adopt", "sum[realization=0]", ...why]);
    expect(stale.out.replaceAll("\n", " ")).toContain(
      "sum[realization=0] has a result that is out of date (params_changed) and is not replaced by what lies there;",
    );
    expect((await rig.cmc(["adopt", ...why, "--where", "realization=2", "--dry-run"])).out).toContain(
      "Would be adopted",
    );
  });

  it("two files of one job stop it before anything is done; so does a folder that is not there", async () => {
    linkSync(old("ph2/mock_z0.500.hdf5"), old("ph2/mock_z0.5.hdf5"));
    const before = all();
    const twice = await rig.cmc(["adopt", ...OLD, ...why]);
    expect(twice.code).toBe(3);
    expect(twice.err).toContain("ph2/mock_z0.5.hdf5 and ph2/mock_z0.500.hdf5 would both be the file of mock[realization=2,redshift=0.5]"); // prettier-ignore
    const nowhere = await rig.cmc(["adopt", "--from", "gone/{redshift}.h5", "--output", "mock.catalog", ...why]);
    expect(nowhere).toMatchObject({ code: 3 });
    expect(nowhere.err).toContain("adopt/no-folder");
    expect(await rig.cmc(["adopt", ...why, "--how", "link"])).toMatchObject({ code: 3 });
    expect(all()).toEqual(before);
  });
});
