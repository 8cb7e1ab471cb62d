// A budget refuses, and says by how much; what failed was paid for; a disk that is too small is known before anything begins.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { canMount, mountSmall, remount, unmount } from "../helpers/mounts.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 4 });
export const mock = defineStage({ name: "mock", matrix: [n] }, {
  outputs: { out: file(({ n }) => \`mock/\${n}\`, { size: { min: "10 B", max: "1 kB" } }) },
}, {
  run: command(({ outputs }) => ["sh", "-c", "sleep 0.4; head -c 100 /dev/zero >\\"$1\\"", "sh", outputs.out]),
  resources: { walltime: "30m", nodes: 2 },
});
export const sum = defineStage({ name: "sum" }, {
  inputs: { all: mock.outputs.out.all("n") }, outputs: { out: file(() => "sum", { size: { max: "1 kB" } }) },
}, { run: command(({ outputs }) => ["touch", outputs.out]), resources: { walltime: "15m" } });
export default defineCampaign({ name: "paid", version: "v1.0", stages: [mock, sum], budget: { nodeHours: 500 }, outputs: { base: "disk" } });
`;

describe("a budget", () => {
  const rig = makeRig();
  const root = () => join(rig.dir, "disk", "paid_v1.0");
  beforeEach(() => rig.write("campaign.ts", CAMPAIGN));
  afterAll(rig.dispose);
  const budget = (text: string) => rig.edit("campaign.ts", "{ nodeHours: 500 }", text);
  const used = async () => ((await rig.json(["plan"])).at(-1) as any).cost.used.nodeHours as number;

  it("that holds is shown in the cost line", async () => {
    const { code, out } = await rig.cmc(["plan"]);
    expect(code).toBe(0);
    expect(out).toMatch(/\nCost: up to 4\.3 node-h; 5\.0 kB of [\d.]+ .B free; budget 500 node-h\.\n$/);
  });

  it("that does not hold refuses plan and apply with exit 5, the excess and the dearest stage; nothing is begun", async () => {
    budget(`{ nodeHours: 3.25, bytes: "4 kB", inodes: 3 }`);
    const refused =
      "error plan/budget: the plan may take 4.25 node-h; the budget is 3.25 node-h, 1 node-h too few; stage mock takes most, 4 node-h for 4 jobs\n";
    for (const verb of [["plan"], ["apply", "--auto-approve"], ["plan", "--list"]]) {
      const { code, err } = await rig.cmc(verb);
      expect({ verb, code }).toEqual({ verb, code: 5 });
      expect(err).toContain(refused);
      expect(err).toContain("the plan may write 5.0 kB; the budget is 4.0 kB, 1.0 kB too few; stage mock takes most, 4.0 kB for 4 jobs\n"); // prettier-ignore
      expect(err).toContain("the plan may make 5 inodes; the budget is 3 inodes, 2 inodes too few; stage mock takes most, 4 inodes for 4 jobs\n"); // prettier-ignore
    }
    expect(existsSync(join(root(), "mock"))).toBe(false);
    expect(existsSync(join(root(), "metadata", "bundle"))).toBe(false);
    // Narrowed until it fits.
    expect((await rig.cmc(["plan", "--limit", "2"])).code).toBe(0);
  });

  it("that limits nothing, or no whole number of inodes, is refused where it stands", async () => {
    budget("{}");
    expect((await rig.cmc(["plan"])).err).toContain("Give nodeHours, bytes or inodes, or remove it.");
    rig.edit("campaign.ts", "budget: {}", "budget: { inodes: 0.5 }");
    expect((await rig.cmc(["plan"])).err).toMatch(/^error compile\/bad-definition: .*inodes/);
  });

  it("what failed is paid for: the same plan is refused once failures have used what was left", async () => {
    rig.edit("campaign.ts", "sleep 0.4; ", "sleep 0.4; exit 7; ");
    expect((await rig.cmc(["apply", "--auto-approve", "--target", "mock"])).code).toBe(9);
    const first = await used();
    expect(first).toBeGreaterThan((4 * 0.4) / 3600);
    rig.edit("campaign.ts", "exit 7", "exit 8");
    expect((await rig.cmc(["apply", "--auto-approve", "--target", "mock"])).code).toBe(9);
    expect(await used()).toBeGreaterThan(first + (4 * 0.4) / 3600);
    rig.edit("campaign.ts", "exit 8", "exit 9");
    // 4.25 at worst, and more than 0.0008 used.
    rig.edit("campaign.ts", "nodeHours: 500", "nodeHours: 4.2505");
    const { code, err } = await rig.cmc(["apply", "--auto-approve"]);
    expect(code).toBe(5);
    expect(err).toMatch(/^error plan\/budget: the plan may take 4\.25 node-h, with [\d.]+ node-s used before; the budget is 4\.25 node-h, [\d.]+ node-s too few;/); // prettier-ignore
  });
});

describe("the disk", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const disk = join(rig.dir, "disk");
  afterAll(rig.dispose);

  it("without room for the least that outputs may have: refused with exit 5, the numbers, and nothing begun", async () => {
    rig.edit("campaign.ts", `{ min: "10 B", max: "1 kB" }`, `{ min: "900 TB", max: "900 TB" }`);
    for (const verb of [["plan"], ["plan", "--site", "local"], ["apply", "--auto-approve"]]) {
      const { code, err } = await rig.cmc(verb);
      expect(code).toBe(5);
      expect(err).toMatch(/^error plan\/space: the plan writes at least 3\.6 PB, and there are [\d.]+ .B free where the outputs go: 3\.6 PB too few\n {2}remedy: Free space, narrow the plan/); // prettier-ignore
    }
    expect(existsSync(join(disk, "paid_v1.0", "mock"))).toBe(false);
  });

  describe.skipIf(!canMount())("a small one", () => {
    afterEach(() => unmount(disk));

    it("is looked at each time, also when the plan is remembered", async () => {
      rig.write("campaign.ts", CAMPAIGN.replace(`min: "10 B"`, `min: "1 kB"`));
      mkdirSync(disk, { recursive: true });
      mountSmall(disk, "8k");
      expect((await rig.cmc(["plan"])).out).toMatch(/5\.0 kB of 8\.2 kB free/);
      remount(disk, "size=4k");
      const { code, err } = await rig.cmc(["plan"]);
      expect(code).toBe(0);
      expect(err).toBe("");
      const less = await rig.cmc(["plan"]);
      expect(less.out.replaceAll(/\s+/g, " ")).toContain("note: The plan may write 5.0 kB, and there are 4.1 kB free where the outputs go: 904 B too few"); // prettier-ignore
      remount(disk, "size=64k,nr_inodes=3");
      const scarce = await rig.cmc(["plan"]);
      expect(scarce.code).toBe(5);
      expect(scarce.err).toMatch(/^error plan\/space: the plan writes about 5 inodes, and there are \d inodes free/);
    });
  });
});
