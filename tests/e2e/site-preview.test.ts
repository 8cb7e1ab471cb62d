// `cmc plan --site`: how a site would carry the plan out, by the rule or by the stage's own word, before anything is submitted.
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
  expect(out).toMatch(/\nOn site site:\n {2}long +30 jobs in \d+ array tasks of up to \d+, each .*; account m1\n/);
  expect(out).toMatch(/\n {2}forced +30 jobs in \d+ pool packs of up to \d+/);
  const preview = (await rig.json(["plan", "--site", "site.yaml"])).find(({ type }) => type === "site");
  expect(preview).toMatchObject({
    site: "site",
    arrays: [
      { stage: "long", mode: "array", jobs: 30 },
      { stage: "short", jobs: 30 },
      { stage: "forced", mode: "pool", jobs: 30 },
    ],
  });
});

it("says nothing of a site without a scheduler", async () => {
  expect((await rig.cmc(["plan", "--site", "local"])).out).not.toContain("On site");
});
