// The year of one campaign, in the order it happens: it grows, is tidied, corrected, renamed; results are lost, restored, taken over; a plan grows stale.
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { filesIn } from "../helpers/folder.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, moved, task, type FanInElement, type JobContext } from "cmc";
const redshift = axis.list("redshift", [1.4, 2.0]);
const realization = axis.range("realization", { count: 4 });
export const mock = defineStage({ name: "mock", matrix: [redshift, realization] }, {
  outputs: { catalog: file(({ redshift, realization }) => \`mock/z\${redshift}/r\${realization}.txt\`, { size: { min: "2 B" } }) },
}, {
  // the catalogue of one realization
  run: command(({ point, outputs }) => ["sh", "mock.sh", String(point.redshift), String(point.realization), outputs.catalog], { code: ["mock.sh"], params: ({ realization }) => ({ seed: 17 + realization }) }),
});
//entries
function mean(ctx: JobContext<Readonly<Record<string, never>>, { catalogs: readonly FanInElement[] }, "text">): void {
  ctx.writeText(ctx.outputs.text, ctx.inputs.catalogs.map(({ path }) => ctx.readText(path)).join(""));
}
export const covariance = defineStage({ name: "covariance", matrix: [redshift] }, {
  inputs: { catalogs: mock.outputs.catalog.all("realization") },
  outputs: { text: file(({ redshift }) => \`covariance/z\${redshift}.txt\`) },
}, { run: task(mean) });
export default defineCampaign({ name: "year", version: "v1.0", stages: [mock, covariance], outputs: { base: "runs" } });
`;

describe("a year of a campaign", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "mock.sh": 'echo "$1 $2" > "$3"\n' });
  const root = join(rig.dir, "runs", "year_v1.0");
  const apply = async (...args: string[]) => expect(await rig.cmc(["apply", "--auto-approve", ...args])).toMatchObject({ code: 0, err: "" }); // prettier-ignore
  const COV = (count: number) => `covariance rerun upstream_changed ${count}`;
  afterAll(rig.dispose);
  beforeAll(() => apply());

  it("three redshifts are appended: exactly their jobs are new", async () => {
    rig.edit("campaign.ts", "[1.4, 2.0]", "[1.4, 2.0, 0.5, 1.1, 3.0]");
    expect(await planLines(rig)).toEqual(["mock create new 12", "covariance create new 3"]);
    await apply();
    expect(await planLines(rig)).toEqual([]);
  });

  it("a comment is mended, and the module put in another order: nothing", async () => {
    rig.edit("campaign.ts", "// the catalogue of one realization", "/* The mock catalogue of one realization. */");
    rig.edit("campaign.ts", "[1.4, 2.0, 0.5, 1.1, 3.0]", "[3.0, 0.5, 1.1, 1.4, 2.0]");
    expect((await rig.cmc(["plan", "--expect-no-changes"])).code).toBe(0);
  });

  it("one seed changes: its jobs, what is made from them, and the field from old to new", async () => {
    rig.edit("campaign.ts", "seed: 17 + realization", "seed: realization === 3 ? 99 : 17 + realization");
    expect(await planLines(rig)).toEqual(["mock rerun params_changed 5", COV(5)]);
    expect((await rig.cmc(["plan"])).out).toContain("params.seed: 20 -> 99");
    await apply();
  });

  it("a stage is renamed: results go along, nothing runs", async () => {
    expect(await rig.cmc(["mv", "mock", "catalogue"])).toMatchObject({ code: 0 });
    rig.edit("campaign.ts", "`mock/z", "`catalogue/z");
    expect(await planLines(rig)).toEqual(["catalogue move moved 20"]);
    await apply();
    expect(await planLines(rig)).toEqual([]);
    expect(filesIn(root).filter((path) => path.startsWith("catalogue/"))).toHaveLength(20);
  });

  it("a folder is lost: its jobs are missing by name; restored with its times, they are not", async () => {
    const [lost, safe] = [join(root, "catalogue", "z1.1"), join(rig.dir, "backup")];
    renameSync(lost, safe);
    expect(await planLines(rig)).toEqual(["catalogue rerun output_missing 4"]); // prettier-ignore
    expect((await rig.cmc(["verify"])).code).toBe(9);
    execFileSync("cp", ["-a", safe, lost]);
    expect((await rig.cmc(["verify"])).code).toBe(0);
    expect(await planLines(rig)).toEqual([]);
  });

  it("last year's catalogues are taken over for a redshift that is new", async () => {
    rig.edit("campaign.ts", "[3.0, 0.5, 1.1, 1.4, 2.0]", "[3.0, 0.5, 1.1, 1.4, 2.0, 0.9]");
    for (const r of [0, 1, 2, 3]) rig.write(`old/ph00${r}/mock_z0.900.txt`, r === 2 ? "x" : `0.9 old ${r}\n`);
    const adopted = await rig.cmc(["adopt", "--from", "old/ph{realization:int}/mock_z{redshift:number}.txt", "--output", "catalogue.catalog", "--because", "made last year with the same code"]); // prettier-ignore
    expect({ code: adopted.code, err: adopted.err }).toEqual({ code: 9, err: "" });
    // The third is cut off: its validator says so, and the job is to be made.
    expect(await planJobs(rig)).toEqual(["catalogue[realization=2,redshift=0.9] retry retry_validation", "covariance[redshift=0.9] create new"]); // prettier-ignore
    expect((await rig.cmc(["explain", "catalogue[realization=1,redshift=0.9]"])).out).toContain("made last year with the same code"); // prettier-ignore
    expect(rig.read("old/ph002/mock_z0.900.txt")).toBe("x");
  });

  it("a plan is saved; meanwhile somebody else applies: it is refused, and says what moved", async () => {
    expect(await rig.cmc(["plan", "-o", "autumn.plan"])).toMatchObject({ code: 0, err: "" });
    await apply();
    const { code, err } = await rig.cmc(["apply", "autumn.plan"]);
    expect({ code, err }).toMatchObject({ code: 4, err: expect.stringMatching(/2 jobs completed/) as string });
    expect(err).toContain("cmc plan -o autumn.plan");
    expect(await planLines(rig)).toEqual([]);
  });

  it("and at the end of the year its history says who did what, and why", async () => {
    const { out } = await rig.cmc(["history"]);
    for (const word of ["params_changed", "20 moved", "adopt", "made last year with the same code"]) expect(out.replaceAll(/\s+/g, " ")).toContain(word); // prettier-ignore
    expect(await rig.cmc(["rebuild"])).toMatchObject({ code: 0 });
    expect((await rig.cmc(["status", "--check"])).code).toBe(0);
  });
});
