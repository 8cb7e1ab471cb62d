// cmc mv: one name after the other is changed in the source, its results are kept, and no other line is another than before.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig, type Rig } from "../helpers/cli.ts";
import { differences, snapshot } from "../helpers/folder.ts";
import { planLines } from "../helpers/plan-lines.ts";

const AXES = `// Axes of all stages.
import { axis } from 'cmc';

/* redshift: z is short */
export const z   = axis.list( 'z' , [0.5, 1.4] ); // order is priority
export const box = axis.list("box",
  [ "big",   // the large one
    "tiled" ]);
`;

const TASKS = `import type { FanInElement, JobContext } from "cmc";

type Ports = { cats: readonly FanInElement[], raw: string };
interface Point { readonly z: number }

/** Joins. Its own variable z is no axis. */
export function join(ctx: JobContext<Readonly<Record<string, never>>, Ports, 'text', Point>): void {
  const z = { z: 3 };
  ctx.metric("three", z.z);
  ctx.writeText(ctx.outputs.text, ctx.inputs.cats.map(({ path }) => ctx.readText(path)).join(""));
}
`;

const CAMPAIGN = `// Head.
import {
  command, defineCampaign,   defineStage, file, inputFile,
  task, // runs here
} from "cmc";
import { box, z } from "./lib/axes.ts";
import { join } from "./lib/tasks.ts";

const NAME = "mock"; // the first stage

export const mock = defineStage({ name: NAME, matrix: [ z, box ] }, {
  outputs: { cat: file(({ z, box }) => \`mock/\${box}/z\${z}.txt\`),
             log: file((p) => \`log/\${p.box}_\${p["z"]}.txt\`) },
}, {
  run: command(({ outputs, point }) => [ "sh", "-c", 'echo $CMC_KEY > "$1"; echo log > "$2"', "sh",
    outputs.cat, outputs.log, point.z ], {
    params: ({ z, box }) => ({ seed: 17, deep: z > 1, large: box === "big" }) }),
});

export const fit = defineStage({ name: "fit", matrix: [z] }, {
  inputs: { cats: mock.outputs.cat.all("box"),
    raw: inputFile(({ z }) => z > 1 ? 'deep.txt' : 'near.txt') },
  outputs: { text: file(({ z: redshift }) => \`fit/z\${redshift}.txt\`) },
}, { run: task(join), missingInput: { policy: "group", by: "z" } });

// The campaign.
export default defineCampaign({ name: "names", version: "v1.0", stages: [mock, fit], outputs: { base: "runs" } });
`;

const FILES = { "campaign.ts": CAMPAIGN, "lib/axes.ts": AXES, "lib/tasks.ts": TASKS, "deep.txt": "d", "near.txt": "n" };
const MODULES = ["campaign.ts", "lib/axes.ts", "lib/tasks.ts"];

const texts = (rig: Rig) => MODULES.map((path) => rig.read(path));
const squeezed = (text: string) => text.replaceAll(/\s+/g, " ");

/** What \`-\` and \`+\` lines a diff of the modules has: everything else is as it was, byte for byte. */
function changes(rig: Rig, before: readonly string[]): string[] {
  return texts(rig).flatMap((text, i) => {
    const [old, now] = [before[i]!.split("\n"), text.split("\n")];
    const gone = old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`);
    const rest = now.filter((line) => old.includes(line));
    expect(rest.join("\n").replaceAll(/\n+/g, "\n")).toBe(old.filter((line) => now.includes(line)).join("\n").replaceAll(/\n+/g, "\n")); // prettier-ignore
    return [...gone, ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`)];
  });
}

async function moved(rig: Rig, from: string, to: string): Promise<{ changed: string[]; out: string }> {
  const before = texts(rig);
  const { code, out, err } = await rig.cmc(["mv", from, to]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return { changed: changes(rig, before), out };
}

describe("one name after the other, and nothing runs again", () => {
  const rig = makeRig(FILES);
  beforeAll(async () => expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0 }));
  afterAll(rig.dispose);

  it("--dry-run prints a diff and writes nothing", async () => {
    const before = snapshot(rig.dir, [".cache"]);
    const { code, out } = await rig.cmc(["mv", "mock", "catalogue", "--dry-run"]);
    expect(code).toBe(0);
    expect(out).toContain("--- a/campaign.ts\n+++ b/campaign.ts\n@@ -2,11 +2,12 @@\n import {\n");
    expect(out).toContain(
      '\n-const NAME = "mock"; // the first stage\n+const NAME = "catalogue"; // the first stage\n',
    );
    expect(out).toContain("Nothing was written.\nPlan: 0 new, 0 rerun, 0 retry, 0 adopt, 4 moved, 0 blocked, 2 unchanged.\n"); // prettier-ignore
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
  });

  it("a stage, whose name is a constant", async () => {
    const { changed, out } = await moved(rig, "mock", "catalogue");
    expect(changed).toEqual([
      '- const NAME = "mock"; // the first stage',
      "+ moved,",
      '+ const NAME = "catalogue"; // the first stage',
      '+ moved({ from: { stage: "mock" }, to: { stage: "catalogue" } });',
    ]);
    expect(rig.read("campaign.ts")).toContain('"z" } });\n\nmoved({ from: { stage: "mock" }, to: { stage: "catalogue" } });\n\n// The campaign.\n'); // prettier-ignore
    expect(out).toBe('campaign.ts  4 lines\nentry moved({ from: { stage: "mock" }, to: { stage: "catalogue" } });\nPlan: 0 new, 0 rerun, 0 retry, 0 adopt, 4 moved, 0 blocked, 2 unchanged.\n'); // prettier-ignore
    expect(await planLines(rig)).toEqual(["catalogue move moved 4"]);
  });

  it("an axis, in its own module and wherever it is used; another z stays", async () => {
    const { changed } = await moved(rig, "[z]", "[redshift]");
    expect(changed).toEqual([
      "- outputs: { cat: file(({ z, box }) => `mock/${box}/z${z}.txt`),",
      '- log: file((p) => `log/${p.box}_${p["z"]}.txt`) },',
      "- outputs.cat, outputs.log, point.z ], {",
      '- params: ({ z, box }) => ({ seed: 17, deep: z > 1, large: box === "big" }) }),',
      "- raw: inputFile(({ z }) => z > 1 ? 'deep.txt' : 'near.txt') },",
      "- outputs: { text: file(({ z: redshift }) => `fit/z${redshift}.txt`) },",
      '- }, { run: task(join), missingInput: { policy: "group", by: "z" } });',
      "+ outputs: { cat: file(({ redshift: z, box }) => `mock/${box}/z${z}.txt`),",
      '+ log: file((p) => `log/${p.box}_${p["redshift"]}.txt`) },',
      "+ outputs.cat, outputs.log, point.redshift ], {",
      '+ params: ({ redshift: z, box }) => ({ seed: 17, deep: z > 1, large: box === "big" }) }),',
      "+ raw: inputFile(({ redshift: z }) => z > 1 ? 'deep.txt' : 'near.txt') },",
      "+ outputs: { text: file(({ redshift }) => `fit/z${redshift}.txt`) },",
      '+ }, { run: task(join), missingInput: { policy: "group", by: "redshift" } });',
      '+ moved({ from: { axis: "z" }, to: { axis: "redshift" } });',
      "- export const z   = axis.list( 'z' , [0.5, 1.4] ); // order is priority",
      "+ export const z   = axis.list( 'redshift' , [0.5, 1.4] ); // order is priority",
      "- interface Point { readonly z: number }",
      "+ interface Point { readonly redshift: number }",
    ]);
    expect(await planLines(rig)).toEqual(["catalogue move moved 4", "fit move moved 2"]);
  });

  it("a value, and the comparison that means it", async () => {
    const { changed } = await moved(rig, "[box=big]", "[box=bigbox]");
    expect(changed).toEqual([
      '- params: ({ redshift: z, box }) => ({ seed: 17, deep: z > 1, large: box === "big" }) }),',
      '+ params: ({ redshift: z, box }) => ({ seed: 17, deep: z > 1, large: box === "bigbox" }) }),',
      '+ moved({ from: { at: { box: "big" } }, to: { at: { box: "bigbox" } } });',
      '- [ "big",   // the large one',
      '+ [ "bigbox",   // the large one',
    ]);
    expect(await planLines(rig)).toEqual(["catalogue move moved 4", "fit move moved 2"]);
  });

  it("an output of a command", async () => {
    const { changed } = await moved(rig, "catalogue.cat", "catalogue.catalog");
    expect(changed).toEqual([
      "- outputs: { cat: file(({ redshift: z, box }) => `mock/${box}/z${z}.txt`),",
      "- outputs.cat, outputs.log, point.redshift ], {",
      '- inputs: { cats: mock.outputs.cat.all("box"),',
      "+ outputs: { catalog: file(({ redshift: z, box }) => `mock/${box}/z${z}.txt`),",
      "+ outputs.catalog, outputs.log, point.redshift ], {",
      '+ inputs: { cats: mock.outputs.catalog.all("box"),',
      '+ moved({ from: { stage: "catalogue", output: "cat" }, to: { stage: "catalogue", output: "catalog" } });',
    ]);
    expect(await planLines(rig)).toEqual(["catalogue move moved 4", "fit move moved 2"]);
  });

  it("and they are carried out together", async () => {
    expect((await rig.cmc(["apply", "--auto-approve"])).out).toContain("Applied. 6 moved, 0 done");
    expect(await planLines(rig)).toEqual([]);
  });

  it("an output of a task: its type and its code; that its code is another is said, and can be accepted", async () => {
    const { changed, out } = await moved(rig, "fit.text", "fit.words");
    expect(changed.filter((line) => !line.includes("moved("))).toEqual([
      "- outputs: { text: file(({ redshift }) => `fit/z${redshift}.txt`) },",
      "+ outputs: { words: file(({ redshift }) => `fit/z${redshift}.txt`) },",
      "- export function join(ctx: JobContext<Readonly<Record<string, never>>, Ports, 'text', Point>): void {",
      '- ctx.writeText(ctx.outputs.text, ctx.inputs.cats.map(({ path }) => ctx.readText(path)).join(""));',
      "+ export function join(ctx: JobContext<Readonly<Record<string, never>>, Ports, 'words', Point>): void {",
      '+ ctx.writeText(ctx.outputs.words, ctx.inputs.cats.map(({ path }) => ctx.readText(path)).join(""));',
    ]);
    expect(squeezed(out)).toContain("2 jobs of fit would be planned otherwise than before: code_changed. The name stands in the code of its task: `cmc accept --stage fit --reason code_changed --because renamed` keeps the results."); // prettier-ignore
    expect(await rig.cmc(["accept", "--stage", "fit", "--reason", "code_changed", "--because", "renamed"])).toMatchObject({ code: 0 }); // prettier-ignore
    expect(await planLines(rig)).toEqual(["fit move moved 2"]);
  });

  it("back to the name before: the entries are read in order", async () => {
    const { out } = await moved(rig, "catalogue", "mock");
    expect(out).toContain("6 moved");
    await moved(rig, "[redshift]", "[z]");
    expect(await planLines(rig)).toEqual(["mock move moved 4", "fit move moved 2"]);
  });
});

describe("a campaign that was never run", () => {
  const rig = makeRig(FILES);
  afterAll(rig.dispose);

  it("gets the name and no entry, unless it is asked for", async () => {
    const { changed, out } = await moved(rig, "mock", "catalogue");
    expect(changed).toEqual(['- const NAME = "mock"; // the first stage', '+ const NAME = "catalogue"; // the first stage']); // prettier-ignore
    expect(out).toContain("campaign.ts  1 line\nNothing was run under the old name: no entry is needed (--entry adds one).\nPlan: 6 new"); // prettier-ignore
    const lines = await rig.json(["mv", "[box=big]", "[box=large]", "--entry"]);
    expect(lines.map(({ type, file }) => [type, file])).toEqual([["version", undefined], ["edit", `${rig.dir}/campaign.ts`], ["edit", `${rig.dir}/lib/axes.ts`], ["mv", undefined]]); // prettier-ignore
    expect(lines.at(-1)).toMatchObject({ kind: "value", axis: "box", from: "big", to: "large", written: true, entry: 'moved({ from: { at: { box: "big" } }, to: { at: { box: "large" } } });', counts: { create: 6 }, again: [] }); // prettier-ignore
    expect(rig.read("campaign.ts")).toContain('moved({ from: { at: { box: "big" } }');
  });

  it("knows an attribute of a file from the axis that it echoes", async () => {
    rig.edit(
      "campaign.ts",
      "outputs: { text:",
      'outputs: { h: hdf5(({ z }) => `fit/${z}.h5`, { attributes: { z: echo("z"), other: echo("z") } }), text:',
    );
    rig.edit("campaign.ts", "task, //", "task, echo, hdf5, //");
    const { changed } = await moved(rig, "[z]", "[q]");
    expect(changed).toContain('+ outputs: { h: hdf5(({ q: z }) => `fit/${z}.h5`, { attributes: { z: echo("q"), other: echo("q") } }), text: file(({ q: redshift }) => `fit/z${redshift}.txt`) },'); // prettier-ignore
    for (const path of MODULES) rig.write(path, FILES[path as keyof typeof FILES]);
  });

  it("keeps a point that is typed as a record in step, and lists what only a person can judge", async () => {
    rig.write("lib/tasks.ts", TASKS.replace(", Point>", ">").replace("const z = { z: 3 };", 'const z = { z: ctx.inputs.cats.length };\n  ctx.log(`${String(ctx.point["z"])} CMC_POINT_Z`);\n  const { z: mine } = ctx.point;\n  if (mine === "z") return;')); // prettier-ignore
    const { changed, out } = await moved(rig, "[z]", "[redshift]");
    expect(changed.filter((line) => /ctx\./.test(line))).toEqual([
      '- ctx.log(`${String(ctx.point["z"])} CMC_POINT_Z`);',
      "- const { z: mine } = ctx.point;",
      '+ ctx.log(`${String(ctx.point["redshift"])} CMC_POINT_Z`);',
      "+ const { redshift: mine } = ctx.point;",
    ]);
    expect(out).toContain('Not changed, and they may mean z; look at:\n  lib/tasks.ts:9  ctx.log(`${String(ctx.point["redshift"])} CMC_POINT_Z`);\n  lib/tasks.ts:11  if (mine === "z") return;\n'); // prettier-ignore
  });
});

describe("what cannot be followed is refused at its place, and nothing is edited", () => {
  const rig = makeRig(FILES);
  beforeAll(async () => expect(await rig.cmc(["check"])).toMatchObject({ code: 0 }));
  afterAll(rig.dispose);

  async function refused(args: readonly string[], code: string): Promise<string> {
    const before = snapshot(rig.dir, [".cache"]);
    const { code: exit, err } = await rig.cmc(["mv", ...args]);
    expect({ exit, err }).toEqual({ exit: 3, err: expect.stringContaining(`error ${code}: `) as string });
    expect(differences(before, snapshot(rig.dir, [".cache"]))).toEqual([]);
    return squeezed(err);
  }

  it("an address that means nothing", async () => {
    expect(await refused(["moc", "x"], "mv/bad-address")).toContain("no stage moc remedy: Did you mean mock?");
  });

  it("an axis that other stages share", async () => {
    expect(await refused(["fit[z]", "fit[q]"], "mv/by-hand")).toMatch(/axis z is shared with other stages.* campaign\.ts:11:.* add: moved\(\{ from: \{ stage: "fit", axis: "z" \}/); // prettier-ignore
  });

  it("a stage whose name is computed, or stands for something else as well", async () => {
    rig.edit("campaign.ts", 'const NAME = "mock";', 'const NAME = `mo${"ck"}`;');
    expect(await refused(["mock", "x"], "mv/by-hand")).toMatch(/the name mock is computed campaign\.ts:11:41/);
    rig.write("campaign.ts", CAMPAIGN.replace("seed: 17", "seed: 17, NAME"));
    expect(await refused(["mock", "x"], "mv/by-hand")).toContain("NAME names more than this campaign.ts:17:");
    rig.write("campaign.ts", CAMPAIGN);
  });

  it("an axis from a listing", async () => {
    rig.write("campaign.ts", CAMPAIGN.replace('import { box, z } from "./lib/axes.ts"', 'import { box } from "./lib/axes.ts"').replace("const NAME", 'const halos = listing("halos", { root: "halos", pattern: "{z:number}.txt" });\nconst z = halos.axis("z");\nconst NAME').replace("command,", "command, listing,").replace("'deep.txt' : 'near.txt'", "'halos/2.txt' : 'halos/1.txt'")); // prettier-ignore
    rig.write("halos/1.txt", "");
    rig.write("halos/2.txt", "");
    expect(await refused(["[z]", "[q]"], "mv/by-hand")).toContain("axis z is a field of a listing's pattern campaign.ts:10:22"); // prettier-ignore
    rig.write("campaign.ts", CAMPAIGN);
  });

  it("a module outside the campaign's folder", async () => {
    rig.write("sub/campaign.ts", CAMPAIGN.replaceAll("./lib/", "../lib/"));
    expect(await refused(["[z]", "[q]", "sub"], "mv/by-hand")).toMatch(
      /outside the campaign's folder lib\/axes\.ts:5:/,
    );
  });

  it("a number that a filter means: the campaign would have other jobs", async () => {
    rig.write("campaign.ts", CAMPAIGN.replace("[ z, box ]", "[ z.where(({ z }) => z === 0.5), box ]").replace("matrix: [z]", "matrix: [z.where(({ z }) => z < 1)]").replace("z > 1 ? 'deep.txt' : 'near.txt'", "'near.txt'")); // prettier-ignore
    expect(await refused(["[z=0.5]", "[z=0.25]"], "mv/in-the-way")).toContain("z === 0.5");
    rig.write("campaign.ts", CAMPAIGN);
  });

  it("a type that fits the old name only: said with the checker's words", async () => {
    rig.edit("lib/tasks.ts", "interface Point { readonly z: number }", 'type Point = { readonly [K in "Z" as Uncapitalize<K>]: number }'); // prettier-ignore
    const err = await refused(["[z]", "[q]"], "mv/in-the-way");
    expect(err).toMatch(/with q instead of z the campaign does not type-check .*error compile\/unknown-axis: the task needs axis z.*The name cannot be followed here/); // prettier-ignore
    rig.write("lib/tasks.ts", TASKS);
  });

  it("killed before the first rename: every module is as it was", async () => {
    const before = texts(rig);
    const killed = await rig.cmc(["mv", "[z]", "[q]"], { CMC_FAULT: "mv/written" });
    expect(killed.signal).toBe("SIGKILL");
    expect(texts(rig)).toEqual(before);
  });
});
