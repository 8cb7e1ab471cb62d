// What happens on disk behind cmc's back: inputs touched, outputs lost, records deleted. The plan says it, apply repairs it.
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { contentOfDatabase } from "../helpers/database.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { defineCampaign, defineStage, dir, file, inputFile, listing, task, type FanInElement, type JobContext } from "cmc";

const boxes = listing("boxes", { root: "data", pattern: "box_{seed:int}.txt" });
const seed = boxes.axis("seed");

function read(ctx: JobContext<{}, { box: string }, "text" | "maps", { seed: number }>): void {
  const text = ctx.readText(ctx.inputs.box);
  ctx.writeText(ctx.outputs.text, "box " + text);
  for (const name of ["a", "b"]) ctx.writeText(ctx.outputs.maps + "/" + name + ".txt", text);
}
export const boxed = defineStage({ name: "read", matrix: [seed] }, {
  inputs: { box: inputFile(({ seed }) => boxes.paths({ seed })[0]!) },
  outputs: { text: file(({ seed }) => \`text/\${seed}.txt\`), maps: dir(({ seed }) => \`maps/\${seed}\`) },
}, { run: task(read) });

function calibrate(ctx: JobContext<{}, { table: string }, "out">): void {
  ctx.writeText(ctx.outputs.out, ctx.readText(ctx.inputs.table).trim() + " calibrated\\n");
}
export const calibration = defineStage({ name: "calibration" }, {
  inputs: { table: inputFile(() => "calibration.txt", { compare: "content" }) },
  outputs: { out: file(() => "calibration.txt") },
}, { run: task(calibrate) });

function add(ctx: JobContext<{}, { texts: readonly FanInElement[]; table: string }, "out">): void {
  ctx.writeText(ctx.outputs.out, ctx.readText(ctx.inputs.table) + ctx.inputs.texts.map(({ path }) => ctx.readText(path)).join(""));
}
export const total = defineStage({ name: "total" }, {
  inputs: { texts: boxed.outputs.text.all("seed"), table: calibration.outputs.out.each() },
  outputs: { out: file(() => "total.txt") },
}, { run: task(add) });

export default defineCampaign({
  name: "disk", version: "v1.0", stages: [boxed, calibration, total], outputs: { base: "runs" },
});
`;

const TOTAL = "v1 calibrated\nbox one\nbox two\nbox three\n";

describe("inputs, outputs and records on disk", () => {
  const rig = makeRig({
    "campaign.ts": CAMPAIGN,
    "data/box_1.txt": "one\n",
    "data/box_2.txt": "two\n",
    "data/box_3.txt": "three\n",
    "calibration.txt": "v1\n",
  });
  const root = join(rig.dir, "runs", "disk_v1.0");
  const database = join(root, "metadata", "campaign.db");
  const apply = async (...args: string[]) => {
    const done = await rig.cmc(["apply", "--auto-approve", ...args]);
    expect(done).toMatchObject({ code: 0, err: "" });
    return done.out;
  };
  const later = (path: string, seconds: number) => {
    const at = Date.now() / 1000 + seconds;
    utimesSync(join(rig.dir, path), at, at);
  };
  afterAll(rig.dispose);
  beforeAll(async () => {
    await apply();
    expect(rig.read("runs/disk_v1.0/total.txt")).toBe(TOTAL);
  });

  describe("inputs", () => {
    it("a touched input reruns the job that reads it and what follows, and is named with both times", async () => {
      later("data/box_2.txt", 100);
      expect(await planJobs(rig)).toEqual(["read[seed=2] rerun input_changed", "total rerun upstream_changed"]);
      expect((await rig.cmc(["plan"])).out).toMatch(
        /-\/\+ 1 {2}input_changed {5}read\[seed=2\]\n {9}box: data\/box_2\.txt was written at 20[\dT:-]+Z, not at 20[\dT:-]+Z\n/,
      );
      await apply();
      expect(await planLines(rig)).toEqual([]);
    });

    it("a touched input that is compared by content reruns nothing; other content does", async () => {
      later("calibration.txt", 100);
      expect(await planLines(rig)).toEqual([]);
      rig.write("calibration.txt", "v2\n");
      expect(await planLines(rig)).toEqual(["calibration rerun input_changed 1", "total rerun upstream_changed 1"]);
      expect((await rig.cmc(["plan"])).out).toMatch(
        /table: calibration\.txt has other content: [0-9a-f]{8} -> [0-9a-f]{8}\n/,
      );
      rig.write("calibration.txt", "v1\n");
      expect(await planLines(rig)).toEqual([]);
    });

    it("a file added to a listing is a new job, and the fan-in runs again; a file removed is forgotten", async () => {
      rig.write("data/box_4.txt", "four\n");
      rig.write("data/notes.txt", "not a box\n");
      expect(await planLines(rig)).toEqual(["read create new 1", "total rerun upstream_changed 1"]);
      expect((await rig.cmc(["check"])).out).toContain("listing  boxes: 4 files match box_{seed:int}.txt\n");
      rmSync(join(rig.dir, "data/box_4.txt"));
      rmSync(join(rig.dir, "data/box_3.txt"));
      expect(await planLines(rig)).toEqual(["total rerun upstream_changed 1", "read forget forget 1"]);
      rig.write("data/box_3.txt", "three\n");
      later("data/box_3.txt", 50);
      await apply();
    });

    it("an input that was deleted after its job was done leaves the result complete, and the plan says so", async () => {
      rmSync(join(rig.dir, "calibration.txt"));
      const { code, out } = await rig.cmc(["plan", "--detailed-exitcode"]);
      expect(code).toBe(0);
      expect(out).toContain("note: 1 job is complete and its input files are gone; its result is kept.\n");
      rig.write("calibration.txt", "v1\n");
    });
  });

  describe("outputs", () => {
    const text = join(root, "text", "2.txt");
    const cases: readonly (readonly [string, () => void, string, RegExp])[] = [
      ["deleted", () => rmSync(text), "output_missing", /text\/2\.txt is not there/],
      ["truncated", () => truncateSync(text, 0), "output_changed", /text\/2\.txt has 0 B, had 8 B/],
      ["appended in place", () => appendFileSync(text, "x"), "output_changed", /text\/2\.txt has 9 B, had 8 B/],
      [
        "touched",
        () => later("runs/disk_v1.0/text/2.txt", -3600),
        "output_changed",
        /text\/2\.txt was written at .*, not at/,
      ],
      [
        "that lost a file of its folder",
        () => rmSync(join(root, "maps/2/a.txt")),
        "output_changed",
        /maps\/2 has 1 file, had 2/,
      ],
    ];
    it.each(cases)("an output %s is seen, named and made again", async (_, spoil, reason, words) => {
      spoil();
      const jobs = await planJobs(rig);
      expect(jobs[0]).toBe(`read[seed=2] rerun ${reason}`);
      const out = await apply();
      expect(out).toMatch(words);
      expect(readFileSync(text, "utf8")).toBe("box two\n");
      expect(existsSync(join(root, "maps/2/a.txt"))).toBe(true);
      expect(rig.read("runs/disk_v1.0/total.txt")).toBe(TOTAL);
      expect(await planLines(rig)).toEqual([]);
    });
  });

  describe("records", () => {
    it("a deleted campaign.db changes no plan; rebuild makes it again with the same content and bytes", async () => {
      const content = await contentOfDatabase(database);
      const bytes = readFileSync(database);
      rmSync(database);
      expect(await planLines(rig)).toEqual([]);
      const { code, out } = await rig.cmc(["rebuild"]);
      expect({ code, out }).toEqual({ code: 0, out: `${database}: 5 jobs, from 5 in the journal.\n` });
      expect(await contentOfDatabase(database)).toEqual(content);
      expect(readFileSync(database).equals(bytes)).toBe(true);
    });

    it("an apply with nothing to do puts a deleted campaign.db back", async () => {
      rmSync(database);
      expect(await rig.cmc(["apply"])).toMatchObject({ code: 0 });
      expect(existsSync(database)).toBe(true);
    });

    it("rebuild where nothing was applied says so", async () => {
      const { code, err } = await rig.cmc(["rebuild", "--base", "elsewhere"]);
      expect(code).toBe(1);
      expect(err).toBe(
        `error state/no-journal: ${rig.dir}/elsewhere/disk_v1.0 has no journal: nothing was applied there\n` +
          "  remedy: Check --base and the campaign's version; `cmc apply` makes the first journal.\n",
      );
      expect(existsSync(join(rig.dir, "elsewhere"))).toBe(false);
    });

    it("a deleted journal makes everything new; what is there is found, and --adopt takes it back without a run", async () => {
      rmSync(join(root, "journal"), { recursive: true });
      expect(await planLines(rig)).toEqual(["read create new 3", "calibration create new 1", "total create new 1"]);
      const { out } = await rig.cmc(["plan"]);
      expect(out.replace(/\n +/g, " ")).toContain(
        "note: 5 jobs have output files without a receipt; --adopt takes them over once they pass their validators.\n",
      );
      expect(await planLines(rig, ["--adopt"])).toEqual([
        "read adopt adopt 3",
        "calibration adopt adopt 1",
        "total adopt adopt 1",
      ]);
      copyFileSync(join(root, "total.txt"), join(rig.dir, "kept.txt"));
      expect(await apply("--adopt")).toContain("Applied. 5 done in");
      expect(rig.read("kept.txt")).toBe(rig.read("runs/disk_v1.0/total.txt"));
      expect(await planLines(rig)).toEqual([]);
    });
  });
});
