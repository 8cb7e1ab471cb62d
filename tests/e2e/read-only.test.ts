// Commands that read write nothing but caches: not in the campaign root, not beside the campaign, nowhere.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { differences, filesIn, snapshot } from "../helpers/folder.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile } from "cmc";
const n = axis.range("n", { count: 3 });
export const copy = defineStage({ name: "copy", matrix: [n] }, {
  inputs: { src: inputFile(({ n }) => \`in/\${n}.txt\`, { compare: "content" }) }, outputs: { out: file(({ n }) => \`out/\${n}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["sh", "-c", 'echo copying; cp "$1" "$2"', "sh", inputs.src, outputs.out]) });
export default defineCampaign({ name: "still", version: "v1.0", stages: [copy], outputs: { base: "runs" } });
`;

/** Every form of every command that only looks. */
const READS: readonly (readonly string[])[] = [
  ["check"], ["check", "--json"],
  ["plan"], ["plan", "-v"], ["plan", "--list"], ["plan", "--list", "-v"], ["plan", "--json"], ["plan", "--json", "-v"], ["plan", "--stage", "copy"],
  ["plan", "--where", "n=1"], ["plan", "--reason", "new"], ["plan", "--replace", "copy"], ["plan", "--target", "copy"], ["plan", "--limit", "1"],
  ["plan", "--format", "markdown"], ["plan", "--adopt"], ["plan", "--detailed-exitcode"], ["plan", "--expect-no-changes"], ["plan", "--no-cache"],
  ["status"], ["status", "--json"], ["status", "--check"],
  ["explain", "copy[n=1]"], ["explain", "copy[n=1]", "--json"], ["show", "copy[n=1]"], ["show", "copy[n=1]", "--json"],
  ["verify"], ["verify", "-v"], ["verify", "--json"], ["verify", "--foreign"], ["verify", "--stage", "copy", "--where", "n=1"], ["verify", "--validate"], ["verify", "--write"],
  ["logs", "copy[n=1]"], ["logs", "copy[n=1]", "--json"],
  ["history"], ["history", "--json"], ["history", "last"], ["history", "last", "--json"],
  ["diff", "last"], ["diff", "last", "-v"], ["diff", "last", "--json"],
  ["retry", "--because", "x", "--dry-run"], ["retry", "--because", "x"], ["cancel"],
  ["block", "--all", "--because", "x", "--dry-run"], ["release", "--because", "x"], ["forget", "--all", "--because", "x", "--dry-run"],
  ["plan", "copy[n=1]"], ["plan", "--state", "done"],
  ["doctor"], ["doctor", "."], ["doctor", ".", "--json"], ["--help"], ["plan", "--help"], ["--version"],
]; // prettier-ignore

/** The first of each verb. */
const FIRST = new Set(READS.map(([verb]) => READS.findIndex((args) => args[0] === verb)));

describe("commands that read", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "in/0.txt": "0\n", "in/1.txt": "1\n", "in/2.txt": "2\n" });
  const root = join(rig.dir, "runs", "still_v1.0");
  afterAll(rig.dispose);
  beforeAll(async () => {
    await rig.cmc(["check"]); // makes the cache folder
  });

  it("write nothing before anything was applied: no root, no folder, no file", async () => {
    const before = snapshot(rig.dir, [".cache"]);
    for (const args of READS.filter((_, i) => FIRST.has(i))) {
      await rig.cmc(args);
      expect([args, differences(before, snapshot(rig.dir, [".cache"]))]).toEqual([args, []]);
    }
    expect(existsSync(join(rig.dir, "runs"))).toBe(false);
  });

  it("say so when there is nothing to look at", async () => {
    expect((await rig.cmc(["status"])).out).toContain("Never applied.\n");
    expect((await rig.cmc(["cancel"])).out).toBe("Nothing is running.\n");
    const { code, err } = await rig.cmc(["logs", "copy[n=1]"]);
    expect({ code, err }).toEqual({
      code: 1,
      err: "error cli/no-log: copy[n=1] has no log\n  remedy: It has not run yet: `cmc apply`.\n",
    });
  });

  it("write nothing in a finished campaign: names, sizes, times and contents stay", async () => {
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    const before = snapshot(rig.dir, [".cache"]);
    for (const args of READS) {
      const { code } = await rig.cmc(args);
      expect({ args, code }).toEqual({ args, code: 0 });
      expect([args, differences(before, snapshot(rig.dir, [".cache"]))]).toEqual([args, []]);
    }
  });

  it("`build --out` writes the bundle there and nothing else", async () => {
    const before = snapshot(rig.dir, [".cache", "elsewhere"]);
    const { code, out } = await rig.cmc(["build", "--out", "elsewhere"]);
    expect(code).toBe(0);
    expect(differences(before, snapshot(rig.dir, [".cache", "elsewhere"]))).toEqual(["~ ."]);
    const [folder] = out.split("\n");
    expect(existsSync(join(folder!, "bundle.json"))).toBe(true);
    expect(filesIn(join(rig.dir, "elsewhere")).length).toBe(filesIn(folder!).length);
  });

  it("`plan --no-cache` writes no cache either, and the same plan", async () => {
    rmSync(join(rig.dir, ".cache"), { recursive: true });
    const plain = await rig.cmc(["plan", "--no-cache"]);
    expect(existsSync(join(rig.dir, ".cache"))).toBe(false);
    expect((await rig.cmc(["plan"])).out).toBe(plain.out);
    expect(existsSync(join(rig.dir, ".cache"))).toBe(true);
  });

  it("work where the cache folder cannot be written, without a word about it", async () => {
    rig.write("a-file", "not a folder\n");
    for (const args of [["plan"], ["status"], ["explain", "copy[n=1]"], ["check"]]) {
      const done = await rig.cmc(args, { CMC_CACHE_DIR: join(rig.dir, "a-file") });
      expect({ args, code: done.code, err: done.err }).toEqual({ args, code: 0, err: "" });
    }
    for (const nowhere of ["/proc/cmc-cache", "/dev/null"]) {
      const { code, out } = await rig.cmc(["plan"], { CMC_CACHE_DIR: nowhere });
      expect({ nowhere, code }).toEqual({ nowhere, code: 0 });
      expect(out).toContain("No changes.");
    }
  });

  it("work where a cache is damaged", async () => {
    await rig.cmc(["plan"]);
    for (const file of filesIn(join(rig.dir, ".cache"))) writeFileSync(join(rig.dir, ".cache", file), "damaged");
    const { code, out, err } = await rig.cmc(["plan"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("No changes.");
  });

  it("leave strangers' files in the root alone", async () => {
    mkdirSync(join(root, "notes"), { recursive: true });
    writeFileSync(join(root, "notes", "today.txt"), "remember\n");
    expect((await rig.cmc(["plan"])).out).toContain("No changes.");
    await rig.cmc(["apply", "--replace", "copy", "--auto-approve"]);
    expect(readdirSync(join(root, "notes"))).toEqual(["today.txt"]);
  });
});
