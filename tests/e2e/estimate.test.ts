// cmc estimate: what a campaign costs before any of it was run, and what it says once receipts tell more.
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";
import { anySpace } from "../helpers/free-space.ts";

describe("the production preset of roman-grs", () => {
  const rig = makeRig();
  const campaign = join(REPOSITORY, "campaigns", "roman-grs");
  const args = ["estimate", campaign, "--set", "preset=production", "--base", join(rig.dir, "runs")];
  afterAll(rig.dispose);

  it("is a table by stage, the time on so many nodes, and the cost line; nothing is written", async () => {
    const { code, out, err } = await rig.cmc([...args, "--nodes", "20"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(
      anySpace(out)
        .replace(/and there are [^:]*: .*/s, "...")
        .split("\n")
        .slice(0, 9),
    ).toEqual([
      "roman-grs v1.0  80,041 jobs, as if nothing were done",
      "",
      "              jobs   walltime  core-h   bytes  inodes  wall-clock",
      "populate    40,000  10 m 00 s   6,667  4.0 TB  40,000   13 d 21 h",
      "measure     40,000  10 m 00 s   6,667          40,000   13 d 21 h",
      "nsfr            20   1 h 00 m      20              20    1 h 00 m",
      "covariance      20   1 h 00 m      20              40    1 h 00 m",
      "report           1  10 m 00 s  10 min               2   10 m 00 s",
      "all         80,041             13,374          80,062   27 d 20 h",
    ]);
    expect(out).toContain("\nTime: up to 27 d 20 h on 20 nodes, one stage after the other, without waiting in the queue.\n"); // prettier-ignore
    expect(anySpace(out)).toMatch(/\nCost: up to 13,374 core-h; 4\.0 TB and more of N GB free\.\n$/);
    expect(existsSync(join(rig.dir, "runs"))).toBe(false);
  });

  it("on a site: its nodes and job types, lanes for the time, what it reserves, and what it would refuse", async () => {
    rig.write(
      "site.yaml",
      "extends: perlmutter\nlanes: [{ name: premium, cap: 5 }, { name: regular, cap: 64 }]\nlimits: { nodeHours: 100 }\n",
    );
    const objects = await rig.json([...args, "--site", "site.yaml"]);
    expect(objects.map(({ type }) => type)).toEqual(["version", ...Array<string>(5).fill("stage"), "site", "estimate"]);
    // io_intensive is two nodes there.
    expect(objects[3]).toMatchObject({ stage: "nsfr", jobs: 20, nodeHours: { worst: 40 }, coreHours: { worst: 20 } });
    // 1,680 tasks of 24 jobs, 69 at once.
    expect(objects[1]).toMatchObject({ stage: "populate", wallClock: { worst: Math.ceil(1680 / 69) * 24 * 600 } });
    expect(objects.at(-1)).toMatchObject({ type: "estimate", jobs: 80_041, cost: { unit: "node", runs: 80_041 } });
    const { code, out } = await rig.cmc([...args, "--site", "site.yaml"]);
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, " ")).toContain("note: apply would refuse: array populate, 69 tasks, would reserve 278 node-h when submitted;"); // prettier-ignore
    expect(out).toContain("69 tasks at once; reserves 278 node-h");
  });
});

it("measures come from receipts, of whatever was run", async () => {
  const rig = makeRig();
  try {
    cpSync(join(REPOSITORY, "campaigns", "roman-grs"), join(rig.dir, "campaign"), { recursive: true });
    const args = ["campaign", "--base", "runs"];
    expect((await rig.cmc(["apply", ...args, "--auto-approve", "--allow-dirty", "--limit", "3"])).code).toBe(0);
    const { out } = await rig.cmc(["estimate", ...args]);
    expect(out).toMatch(/\n {12}jobs +walltime +core-h +expected +bytes +expected +inodes\npopulate +40 /);
    expect(out).toMatch(/\npopulate: run .* median, .* longest, from 3 receipts\n/);
    expect(out).toMatch(/\nCost: up to 16 core-h \(expected .* for 40 of 83 jobs, from 3 receipts\);/);
    const verbose = await rig.cmc(["plan", ...args, "-v", "--stage", "populate"]);
    expect(verbose.out).toMatch(/\npopulate +37 +10 m 00 s +6\.2 .*\nmeasure +40 /);
  } finally {
    rig.dispose();
  }
});
