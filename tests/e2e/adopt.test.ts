// Results that were there before cmc: found, never believed; with --adopt they count once their validators pass.
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, json } from "cmc";
const n = axis.range("n", { count: 4 });
export const made = defineStage({ name: "made", matrix: [n] }, {
  outputs: { out: json(({ n }) => \`made/\${n}.json\`, { schema: { type: "object", required: ["n"] } }), log: file(({ n }) => \`logs-of/\${n}.txt\`, { size: { min: "2 B" } }) },
}, {
  run: command(({ outputs, point }) => ["sh", "-c", 'echo "{\\\\"n\\\\": $3, \\\\"by\\\\": \\\\"job\\\\"}" > "$1"; echo ran > "$2"', "sh", outputs.out, outputs.log, point.n]),
});
export const after = defineStage({ name: "after", matrix: [n] }, {
  inputs: { src: made.outputs.out.each() }, outputs: { out: file(({ n }) => \`after/\${n}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.src, outputs.out]) });
export default defineCampaign({ name: "adopting", version: "v1.0", stages: [made, after], outputs: { base: "runs" } });
`;

describe("adopting what is there", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const root = "runs/adopting_v1.0";
  const byHand = '{"n": 0, "by": "hand"}\n';
  afterAll(rig.dispose);

  it("finds files without a receipt and says so; only jobs with all their outputs can be adopted", async () => {
    rig.write(`${root}/made/0.json`, byHand);
    rig.write(`${root}/logs-of/0.txt`, "by hand\n");
    rig.write(`${root}/made/1.json`, '{"m": 1}\n');
    rig.write(`${root}/logs-of/1.txt`, "by hand\n");
    rig.write(`${root}/made/2.json`, '{"n": 2}\n');
    expect(await planLines(rig)).toEqual(["made create new 4", "after create new 4"]);
    const { out } = await rig.cmc(["plan"]);
    expect(out).toContain("there without a receipt: made/0.json, logs-of/0.txt\n");
    expect(out.replace(/\n +/g, " ")).toContain("note: 3 jobs have output files without a receipt;");
    expect(await planJobs(rig, ["--adopt", "--stage", "made"])).toEqual([
      "made[n=0] adopt adopt",
      "made[n=1] adopt adopt",
      "made[n=2] create new",
      "made[n=3] create new",
    ]);
  });

  it("takes what passes as it is, refuses what does not without touching it, and runs the rest", async () => {
    const { code, out } = await rig.cmc(["apply", "--adopt", "--auto-approve"]);
    expect(code).toBe(9);
    expect(out).toContain("validation made[n=1]: out: / must have required property 'n'\n");
    expect(out).toMatch(/\nApplied with failures\. 6 done, 1 failed, 1 blocked in /);
    expect(rig.read(`${root}/made/0.json`)).toBe(byHand);
    expect(rig.read(`${root}/made/1.json`)).toBe('{"m": 1}\n');
    expect(rig.read(`${root}/made/2.json`)).toBe('{"n": 2, "by": "job"}\n');
    expect(rig.read(`${root}/after/0.txt`)).toBe(byHand);
    const adopted = await query(`${rig.dir}/${root}/metadata/campaign.db`, "SELECT key FROM jobs WHERE adopted");
    expect(adopted).toEqual([["made[n=0]"]]);
  });

  it("a refused file costs its job no try: the next apply makes it", async () => {
    expect(await planJobs(rig)).toEqual(["made[n=1] retry retry_validation", "after[n=1] create new"]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(rig.read(`${root}/made/1.json`)).toBe('{"n": 1, "by": "job"}\n');
    expect(await planLines(rig)).toEqual([]);
  });

  it("adopted results are as good as others: a changed parameter reruns them, an unchanged one does not", async () => {
    rig.edit("campaign.ts", "echo ran", "echo Ran");
    expect(await planLines(rig)).toEqual(["made rerun params_changed 4", "after rerun upstream_changed 4"]);
  });
});
