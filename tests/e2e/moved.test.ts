// Renaming for free: stages, axes, values, outputs and paths. Results are kept and their files renamed; what else changed is a change as ever.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJournals } from "../../src/state/read-journal.ts";
import { makeRig, type Rig } from "../helpers/cli.ts";
import { contentOfDatabase } from "../helpers/database.ts";
import { filesIn } from "../helpers/folder.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, moved, task, type FanInElement, type JobContext } from "cmc";
const z = axis.list("z", [0.5, 1.4]);
const box = axis.list("box", ["big", "tiled"]);
export const mock = defineStage({ name: "mock", matrix: [z, box] }, {
  outputs: { cat: file(({ z, box }) => \`mock/\${box}/z\${z}.txt\`), log: file(({ z, box }) => \`log/\${box}_\${z}.txt\`) },
}, { run: command(({ outputs }) => ["sh", "-c", 'echo $CMC_KEY > "$1"; echo log > "$2"', "sh", outputs.cat, outputs.log], { params: { seed: 17 } }) });
function join(ctx: JobContext<Readonly<Record<string, never>>, { cats: readonly FanInElement[] }, "text">): void {
  ctx.writeText(ctx.outputs.text, ctx.inputs.cats.map(({ path }) => ctx.readText(path)).join(""));
}
export const fit = defineStage({ name: "fit", matrix: [z] }, {
  inputs: { cats: mock.outputs.cat.all("box") }, outputs: { text: file(({ z }) => \`fit/z\${z}.txt\`) },
}, { run: task(join) });
//moved
export default defineCampaign({ name: "names", version: "v1.0", stages: [mock, fit], outputs: { base: "runs" } });
`;

const root = (rig: Rig) => join(rig.dir, "runs", "names_v1.0");
const results = (rig: Rig) => filesIn(root(rig)).filter((path) => !/^(metadata|journal|logs|staging|claims)\//.test(path)).sort(); // prettier-ignore
const say = (rig: Rig, move: string) => rig.edit("campaign.ts", "//moved", `${move}\n//moved`);
const applied = async (rig: Rig) => expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" }); // prettier-ignore

function finished(): Rig {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  beforeAll(() => applied(rig));
  afterAll(rig.dispose);
  return rig;
}

describe("one thing after the other is renamed, and nothing runs", () => {
  const rig = finished();
  const inode = (path: string) => statSync(join(root(rig), path)).ino;

  it("a stage, and the paths that follow from its name", async () => {
    const before = inode("mock/big/z0.5.txt");
    rig.edit("campaign.ts", 'name: "mock"', 'name: "catalogue"');
    rig.edit("campaign.ts", "`mock/", "`catalogue/");
    const found = await rig.cmc(["plan"]);
    expect(found.out).toContain("4 new, 0 rerun");
    expect(found.out.replaceAll(/\s+/g, " ")).toContain('`cmc mv mock catalogue` keeps the results: moved({ from: { stage: "mock" }, to: { stage: "catalogue" } })'); // prettier-ignore
    say(rig, 'moved({ from: { stage: "mock" }, to: { stage: "catalogue" } });');
    expect(await planLines(rig)).toEqual(["catalogue move moved 4"]);
    expect((await rig.cmc(["plan", "-v"])).out).toMatch(/was mock\[box=big,z=0.5\]\n +catalogue\/big\/z0.5.txt is mock\/big\/z0.5.txt now/); // prettier-ignore
    const { out } = await rig.cmc(["apply", "--auto-approve"]);
    expect(out).toContain("Applied. 4 moved, 0 done");
    expect(await planLines(rig)).toEqual([]);
    expect(inode("catalogue/big/z0.5.txt")).toBe(before);
    expect(existsSync(join(root(rig), "mock"))).toBe(false);
    expect(rig.read("runs/names_v1.0/fit/z1.4.txt")).toBe("mock[box=big,z=1.4]\nmock[box=tiled,z=1.4]\n");
  });

  it("an axis, everywhere", async () => {
    rig.edit("campaign.ts", 'axis.list("z"', 'axis.list("redshift"');
    rig.write("campaign.ts", rig.read("campaign.ts").replaceAll("({ z, box })", "({ redshift: z, box })").replaceAll("({ z })", "({ redshift: z })")); // prettier-ignore
    say(rig, 'moved({ from: { axis: "z" }, to: { axis: "redshift" } });');
    expect(await planLines(rig)).toEqual(["catalogue move moved 4", "fit move moved 2"]);
    await applied(rig);
    expect(await planLines(rig)).toEqual([]);
  });

  it("a value, and its paths; the others stay", async () => {
    rig.edit("campaign.ts", '["big", "tiled"]', '["bigbox", "tiled"]');
    say(rig, 'moved({ from: { at: { box: "big" } }, to: { at: { box: "bigbox" } } });');
    expect(await planLines(rig)).toEqual(["catalogue move moved 2"]);
    await applied(rig);
    expect(await planLines(rig)).toEqual([]);
    expect(results(rig)).toContain("log/bigbox_1.4.txt");
  });

  it("an output of a command, and one whose path alone is another", async () => {
    rig.write("campaign.ts", rig.read("campaign.ts").replace("outputs: { cat:", "outputs: { catalog:").replaceAll("outputs.cat,", "outputs.catalog,").replace("mock.outputs.cat.", "mock.outputs.catalog.")); // prettier-ignore
    rig.edit("campaign.ts", "`log/${box}_${z}.txt`", "`logs-of/${z}/${box}.txt`");
    expect(await planLines(rig)).toEqual(["catalogue rerun params_changed 4", "fit rerun upstream_changed 2"]);
    say(rig, 'moved({ from: { stage: "catalogue", output: "cat" }, to: { stage: "catalogue", output: "catalog" } });');
    say(rig, 'moved({ from: { stage: "catalogue", output: "log" }, to: { stage: "catalogue", output: "log" } });');
    expect(await planLines(rig)).toEqual(["catalogue move moved 4"]);
    await applied(rig);
    expect(await planLines(rig)).toEqual([]);
    expect(results(rig)).toEqual([
      ...["bigbox/z0.5", "bigbox/z1.4", "tiled/z0.5", "tiled/z1.4"].map((name) => `catalogue/${name}.txt`),
      "fit/z0.5.txt",
      "fit/z1.4.txt",
      ...["0.5/bigbox", "0.5/tiled", "1.4/bigbox", "1.4/tiled"].map((name) => `logs-of/${name}.txt`),
    ]);
  });

  it("and when the entries are removed, everything is kept: the new names are in the journal", async () => {
    rig.write("campaign.ts", rig.read("campaign.ts").replaceAll(/^moved\(.*\n/gm, ""));
    expect(await planLines(rig)).toEqual([]);
    const content = await contentOfDatabase(join(root(rig), "metadata", "campaign.db"));
    expect(await rig.cmc(["rebuild"])).toMatchObject({ code: 0 });
    expect(await contentOfDatabase(join(root(rig), "metadata", "campaign.db"))).toEqual(content);
    expect((await rig.cmc(["status"])).out).toContain("6 of 6 jobs done");
  });
});

describe("a move excuses names and nothing else", () => {
  const rig = finished();

  it("a parameter that changed with the name is a change", async () => {
    rig.edit("campaign.ts", 'name: "mock"', 'name: "catalogue"');
    rig.edit("campaign.ts", "seed: 17", "seed: 18");
    say(rig, 'moved({ from: { stage: "mock" }, to: { stage: "catalogue" } });');
    expect(await planLines(rig)).toEqual(["catalogue rerun params_changed 4", "fit rerun upstream_changed 2"]);
    rig.edit("campaign.ts", "seed: 18", "seed: 17");
    expect(await planLines(rig)).toEqual(["catalogue move moved 4"]);
  });

  it("a file that something else lies in the place of is held, and nothing is written over", async () => {
    rig.edit("campaign.ts", "`mock/", "`catalogue/");
    rig.write("runs/names_v1.0/catalogue/big/z0.5.txt", "somebody's\n");
    expect(await planJobs(rig, ["--reason", "held"])).toEqual(["catalogue[box=big,z=0.5] hold held"]);
    const { code, out } = await rig.cmc(["apply", "--auto-approve"]);
    expect({ code, out }).toMatchObject({ code: 9, out: expect.stringContaining("3 moved") as string });
    expect(rig.read("runs/names_v1.0/catalogue/big/z0.5.txt")).toBe("somebody's\n");
    expect(rig.read("runs/names_v1.0/mock/big/z0.5.txt")).toBe("mock[box=big,z=0.5]\n");
  });
});

describe("killed while it renames", () => {
  const rig = finished();

  it.each(["apply/renaming", "apply/renaming:3", "apply/renamed", "apply/moved"])(
    "at %s: the next apply ends it",
    async (point) => {
      const [now, next] = rig.read("campaign.ts").includes('name: "mock"') ? ["mock", "cat"] : ["cat", "mock"];
      rig.write("campaign.ts", rig.read("campaign.ts").replaceAll(/^moved\(.*\n/gm, "").replace(`name: "${now}"`, `name: "${next}"`).replace(`\`${now}/`, `\`${next}/`)); // prettier-ignore
      say(rig, `moved({ from: { stage: "${now}" }, to: { stage: "${next}" } });`);
      expect((await rig.cmc(["apply", "--auto-approve"], { CMC_FAULT: point })).signal).toBe("SIGKILL");
      const left = await planLines(rig);
      expect(left.filter((line) => !/ (move moved|forget forget) /.test(line))).toEqual([]);
      await applied(rig);
      expect(await planLines(rig)).toEqual([]);
      expect(results(rig).filter((path) => path.startsWith(`${next}/`))).toHaveLength(4);
      expect(results(rig).filter((path) => path.startsWith(`${now}/`))).toEqual([]);
      expect(readJournals(root(rig)).fold().problems).toEqual([]);
    },
    60_000,
  );
});
