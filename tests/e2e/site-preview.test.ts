// `cmc plan --site`: how a site would carry the plan out, by the rule or by the stage's own word, before anything is submitted.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";

const CAMPAIGN = `import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 30 });
const one = (name: string) => ({ outputs: { o: file(({ n }: { n: number }) => \`\${name}/\${n}\`) } });
export const long = defineStage({ name: "long", matrix: [n] }, one("long"), { run: command(() => ["true"]), resources: { walltime: "1h" } });
export const short = defineStage({ name: "short", matrix: [n] }, one("short"), { run: command(() => ["true"]), resources: { walltime: "1m" } });
export const forced = defineStage({ name: "forced", matrix: [n] }, one("forced"), { run: command(() => ["true"]), resources: { walltime: "1h" }, mode: "pool" });
export default defineCampaign({ name: "preview", version: "v1.0", stages: [long, short, forced], outputs: { base: "runs" } });
`;
const SITE = "executor: slurm\npackTo: 2h\nqueue: { account: m1 }\nlimits: { maxSubmit: 40 }\n";
const rig = makeRig({ "campaign.ts": CAMPAIGN, "site.yaml": SITE });
afterAll(() => rig.dispose());

it("says arrays or pools, tasks and what each asks for", async () => {
  const { code, out } = await rig.cmc(["plan", "--site", "site.yaml"]);
  expect(code).toBe(0);
  expect(out).toMatch(
    /\nOn site site:\n {2}long +30 jobs in \d+ array tasks of up to \d+, each .*; account m1; reserves 31 node-h\n/,
  );
  expect(out).toMatch(/\n {2}forced +30 jobs in \d+ pool packs of up to \d+/);
  const preview = (await rig.json(["plan", "--site", "site.yaml"])).find(({ type }) => type === "site");
  expect(preview).toMatchObject({
    site: "site",
    arrays: [
      { stage: "long", mode: "array", jobs: 30 },
      { stage: "short", jobs: 30 },
      { stage: "forced", mode: "pool", jobs: 30 },
    ],
    pools: [{ name: "pool", stages: ["forced"], allocations: 4, nodes: 4, reservedNodeHours: 4 }],
    refusals: [],
  });
});

it("refuses before anything is submitted what the account's balance does not hold", async () => {
  rig.write("site.yaml", `${SITE.replace("maxSubmit: 40", "maxSubmit: 40, nodeHours: 1")}`);
  const message =
    "error plan/reservation: array long, 15 tasks, would reserve 30.5 node-h when submitted; site site has limits.nodeHours 1 node-h, 29.5 node-h too few\n";
  for (const verb of [["plan"], ["plan", "--list"], ["apply", "--auto-approve"]]) {
    const { code, err } = await rig.cmc([...verb, "--site", "site.yaml"]);
    expect({ verb, code }).toEqual({ verb, code: 5 });
    expect(err).toContain(message);
  }
  expect(existsSync(join(rig.dir, "runs", "preview_v1.0", "metadata", "runs"))).toBe(false);
  rig.write("site.yaml", `${SITE}limits: { nodeHours: 0 }\n`);
  expect((await rig.cmc(["plan", "--site", "site.yaml"])).code).toBe(3);
  rig.write("site.yaml", SITE.replace("maxSubmit: 40", "nodeHours: 0"));
  expect((await rig.cmc(["plan", "--site", "site.yaml"])).err).toMatch(
    /^error site\/invalid: 'limits.nodeHours' must be > 0\n/,
  );
});

it("nodes that only the site names are held against the budget", async () => {
  rig.edit("campaign.ts", "stages: [long, short, forced]", "stages: [long, short, forced], budget: { nodeHours: 61 }");
  rig.write("site.yaml", `${SITE}resources: { nodes: 4 }\nlauncher: [srun]\npool: { nodes: 4 }\n`);
  expect((await rig.cmc(["plan"])).code).toBe(0);
  const { code, err } = await rig.cmc(["plan", "--site", "site.yaml"]);
  expect(code).toBe(5);
  expect(err).toMatch(
    /^error plan\/budget: the plan may take 242 node-h; the budget is 61 node-h, 181 node-h too few; stage long /,
  );
});

it("says nothing of a site without a scheduler", async () => {
  expect((await rig.cmc(["plan", "--site", "local"])).out).not.toContain("On site");
});
