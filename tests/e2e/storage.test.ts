// A campaign root that compute nodes do not see is refused before anything is submitted or written for them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";

const CAMPAIGN = `import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 2 });
export const one = defineStage({ name: "one", matrix: [n] }, { outputs: { o: file(({ n }) => \`out/\${n}\`) } }, { run: command(() => ["true"]) });
export default defineCampaign({ name: "far", version: "v1.0", stages: [one], outputs: { base: "runs" } });
`;
const SITE = "executor: slurm\nstorage: { roots: [/somewhere/else] }\n";
const rig = makeRig({ "campaign.ts": CAMPAIGN, "site.yaml": SITE });
afterAll(() => rig.dispose());

it("is refused with exit code 5, and nothing is handed over", async () => {
  const { code, err } = await rig.cmc(["apply", "--site", "site.yaml", "--auto-approve", "--allow-dirty"]);
  expect(code).toBe(5);
  expect(err).toContain("site/storage");
  expect(err).toContain("/somewhere/else");
  expect(existsSync(join(rig.dir, "runs/far_v1.0/metadata/runs"))).toBe(false);
  expect(existsSync(join(rig.dir, "generated"))).toBe(false);
});
