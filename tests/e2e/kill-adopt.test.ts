// An adoption is killed at every step: nothing is lost, and said again it goes on. Files and folders, moved and copied.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readJournals } from "../../src/state/read-journal.ts";
import { makeRig } from "../helpers/cli.ts";
import { planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, dir, file } from "cmc";
const n = axis.range("n", { count: 3 });
export const made = defineStage({ name: "made", matrix: [n] }, {
  outputs: { out: file(({ n }) => \`made/\${n}.txt\`, { size: { min: "3 B" } }), maps: dir(({ n }) => \`maps/\${n}\`) },
}, { run: command(({ outputs }) => ["false", outputs.out]) });
export default defineCampaign({ name: "killed", version: "v1.0", stages: [made], outputs: { base: "runs" } });
`;

const FROM = ["--from", "old/{n}.txt", "--output", "made.out", "--from", "old/maps{n}", "--output", "made.maps", "--because", "x"]; // prettier-ignore

/** Those of an apply in between are killed in kill-points.test.ts. */
const POINTS = {
  link: ["adopt/recorded", "adopt/brought:2", "apply/finished"],
  copy: ["adopt/set-up:2", "adopt/brought", "apply/started", "adopt/taken-away"],
  move: ["adopt/set-up", "adopt/brought", "apply/finished", "adopt/removed", "adopt/removed:2", "adopt/taken-away"],
} as const;

/** The last one is too small. */
const CONTENT = ["zero\n", "one\n", "2\n"];

describe.each(["link", "copy", "move"] as const)("--how %s", (way) => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  afterAll(rig.dispose);
  const root = join(rig.dir, "runs", "killed_v1.0");
  const adopt = (env?: Record<string, string>) => rig.cmc(["adopt", ...FROM, "--how", way], env);
  const inOld = (path: string) => join(rig.dir, "old", path);
  const receipts = () => [...readJournals(root).fold().state.jobs.values()].filter(({ receipt }) => receipt);
  const holds = (path: string, text: string) => existsSync(path) && readFileSync(path, "utf8") === text;

  it("at every step", async () => {
    CONTENT.forEach((text, n) => {
      rig.write(`old/${n}.txt`, text);
      rig.write(`old/maps${n}/deep/a.txt`, text);
      rig.write(`old/maps${n}/b.txt`, text);
    });
    const met: string[] = [];
    for (const point of POINTS[way]) {
      const { signal } = await adopt({ CMC_FAULT: point });
      if (signal === "SIGKILL") met.push(point);
      CONTENT.forEach((text, n) => {
        for (const [was, is] of [
          [`${n}.txt`, `made/${n}.txt`],
          [`maps${n}/deep/a.txt`, `maps/${n}/deep/a.txt`],
          [`maps${n}/b.txt`, `maps/${n}/b.txt`],
        ] as const)
          // prettier-ignore
          expect(holds(inOld(was), text) || holds(join(root, is), text), `${point}: ${was}`).toBe(true);
      });
      // What has a receipt is there, whole.
      for (const { receipt } of receipts())
        for (const { path } of receipt!.outputs) expect(existsSync(join(root, path)), path).toBe(true);
      expect(readJournals(root).fold().problems).toEqual([]);
    }
    const last = await adopt();
    expect(last).toMatchObject({ code: 9, signal: null, err: "" });
    expect(receipts().map(({ key }) => key).sort()).toEqual(["made[n=0]", "made[n=1]"]); // prettier-ignore
    expect(await planLines(rig)).toEqual(["made retry retry_validation 1"]);
    expect(readdirSync(join(root, "made"))).toEqual(["0.txt", "1.txt"]);
    expect(readdirSync(join(root, "maps"))).toEqual(["0", "1"]);
    expect(readdirSync(join(root, "staging"))).toEqual([]);
    expect(readdirSync(join(rig.dir, "old"))).toEqual(
      way === "move" ? ["2.txt", "maps2"] : ["0.txt", "1.txt", "2.txt", "maps0", "maps1", "maps2"],
    );
    if (way !== "move")
      expect(statSync(inOld("0.txt")).ino === statSync(join(root, "made/0.txt")).ino).toBe(way === "link");
    expect(met).toEqual(POINTS[way]);
  });
});
