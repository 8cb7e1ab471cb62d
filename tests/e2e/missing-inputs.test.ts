// Input files that are not there, as in every production: blocked one by one, by group, by quorum, or the whole plan refused.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { filesIn } from "../helpers/folder.ts";
import { planJobs, planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, defineCampaign, defineStage, file, inputFile, task, variable, type FanInElement, type JobContext, type MissingInput } from "cmc";

const redshift = axis.list("redshift", [1, 2]);
const realization = axis.range("realization", { count: 3 });
type Point = { redshift: number; realization: number };
const matrix = [redshift, realization] as const;
const halos = inputFile(({ redshift, realization }: Point) => \`halos/r\${realization}_z\${redshift}.txt\`);

function copy(ctx: JobContext<{}, { halos: string }, "out", Point>): void {
  ctx.writeText(ctx.outputs.out, ctx.readText(ctx.inputs.halos));
}
const outputs = (name: string) => ({ out: file(({ redshift, realization }: Point) => \`\${name}/r\${realization}_z\${redshift}.txt\`) });

export const element = defineStage({ name: "element", matrix }, { inputs: { halos }, outputs: outputs("element") }, { run: task(copy) });
export const group = defineStage({ name: "group", matrix }, { inputs: { halos }, outputs: outputs("group") }, { run: task(copy), missingInput: { policy: "group", by: "realization" } });
export const enough = defineStage({ name: "enough", matrix }, { inputs: { halos }, outputs: outputs("enough") }, { run: task(copy), missingInput: { policy: "quorum", by: "redshift", fraction: 0.6 } });
export const short = defineStage({ name: "short", matrix }, { inputs: { halos }, outputs: outputs("short") }, { run: task(copy), missingInput: { policy: "quorum", by: "redshift", fraction: 0.9 } });

function perhaps(ctx: JobContext<{}, { halos: string; mask: string }, "out">): void {
  let mask = "no mask";
  try { mask = ctx.readText(ctx.inputs.mask).trim(); } catch { /* optional */ }
  ctx.writeText(ctx.outputs.out, mask + "\\n");
}
export const optional = defineStage({ name: "optional" }, {
  inputs: { halos: inputFile(() => "halos/r0_z1.txt"), mask: inputFile(() => "mask.txt", { optional: true }) },
  outputs: { out: file(() => "optional.txt") },
}, { run: task(perhaps) });

function join(ctx: JobContext<{}, { parts: readonly FanInElement[] }, "out", { redshift: number }>): void {
  ctx.writeText(ctx.outputs.out, ctx.inputs.parts.map(({ path }) => ctx.readText(path).trim()).join("+") + "\\n");
}
export const most = defineStage({ name: "most", matrix: [redshift] }, {
  inputs: { parts: element.outputs.out.quorum(0.6, "realization") }, outputs: { out: file(({ redshift }) => \`most_z\${redshift}.txt\`) },
}, { run: task(join) });
export const all = defineStage({ name: "all", matrix: [redshift] }, {
  inputs: { parts: element.outputs.out.all("realization") }, outputs: { out: file(({ redshift }) => \`all_z\${redshift}.txt\`) },
}, { run: task(join) });

export default defineCampaign({ name: "holes", version: "v1.0", stages: [element, group, enough, short, optional, most, all], outputs: { base: "runs" } });
`;

const STRICT = `
import { axis, defineCampaign, defineStage, file, inputFile, command } from "cmc";
const n = axis.range("n", { count: 3 });
export const strict = defineStage({ name: "strict", matrix: [n] }, {
  inputs: { halos: inputFile(({ n }) => \`../halos/r\${n}_z2.txt\`) }, outputs: { out: file(({ n }) => \`\${n}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.halos, outputs.out]), missingInput: { policy: "fail" } });
export default defineCampaign({ name: "strict", version: "v1.0", stages: [strict], outputs: { base: "runs" } });
`;

describe("missing inputs", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "strict/campaign.ts": STRICT });
  for (const z of [1, 2])
    for (const r of [0, 1, 2]) if (r !== 1 || z !== 2) rig.write(`halos/r${r}_z${z}.txt`, `r${r}z${z}\n`);
  const root = join(rig.dir, "runs", "holes_v1.0");
  afterAll(rig.dispose);

  it("the plan shows what each policy makes of one hole", async () => {
    expect(await planLines(rig)).toEqual([
      "element create new 5",
      "element block missing_input 1",
      "group create new 4",
      "group block missing_input 1",
      "group block group_incomplete 1",
      "enough create new 5",
      "enough block missing_input 1",
      "short create new 3",
      "short block missing_input 1",
      "short block quorum_short 2",
      "optional create new 1",
      "most create new 2",
      "all create new 1",
      "all block upstream_incomplete 1",
    ]);
  });

  it("and names files, groups and counts", async () => {
    const { out } = await rig.cmc([
      "plan",
      "-v",
      "--reason",
      "missing_input,group_incomplete,quorum_short,upstream_incomplete",
    ]);
    expect(out).toContain(
      "! element[realization=1,redshift=2]  missing_input\n      halos: halos/r1_z2.txt is not there\n",
    );
    expect(out).toContain("! group[realization=1,redshift=1]  group_incomplete\n      realization=1: 1 of 2 there\n");
    expect(out).toContain("! short[realization=0,redshift=2]  quorum_short\n      redshift=2: 2 of 3 there\n");
    expect(out).toMatch(
      /! all\[redshift=2\] {2}upstream_incomplete\n {6}upstream element\[realization=1,redshift=2\] \(missing_input\)\n/,
    );
  });

  it("and says once a stage how many lack what, and which is the first, in groups where the policy is about groups", async () => {
    const { out } = await rig.cmc(["plan"]);
    expect(out.split("\n").filter((line) => line.startsWith("note: "))).toEqual([
      "note: element: 1 of 6 jobs lacks halos; first: halos/r1_z2.txt",
      "note: group: 1 of 3 values of realization lacks halos; first: halos/r1_z2.txt",
      "note: enough: 1 of 2 values of redshift lacks halos; first: halos/r1_z2.txt",
      "note: short: 1 of 2 values of redshift lacks halos; first: halos/r1_z2.txt",
    ]);
    const summary = (await rig.json(["plan"])).find(({ type }) => type === "summary");
    expect(summary!["notices"]).toHaveLength(4);
  });

  it("apply runs what can be run, says what could not be, and exits 9", async () => {
    const { code, out } = await rig.cmc(["apply", "--auto-approve"]);
    expect(out).toMatch(/\nApplied\. 21 done in /);
    expect(out).toContain("\n8 jobs could not be run: `cmc plan` says why.\n");
    expect(code).toBe(9);
    expect(filesIn(root).filter((path) => /^(group|short)\//.test(path))).toEqual([
      "group/r0_z1.txt", "group/r0_z2.txt", "group/r2_z1.txt", "group/r2_z2.txt",
      "short/r0_z1.txt", "short/r1_z1.txt", "short/r2_z1.txt",
    ]); // prettier-ignore
    expect(rig.read("runs/holes_v1.0/most_z1.txt")).toBe("r0z1+r1z1+r2z1\n");
    expect(rig.read("runs/holes_v1.0/most_z2.txt")).toBe("r0z2+r2z2\n");
    expect(rig.read("runs/holes_v1.0/optional.txt")).toBe("no mask\n");
    expect(existsSync(join(root, "all_z2.txt"))).toBe(false);
  });

  it("apply with nothing left but holes says so and exits 9; status --check too", async () => {
    const { code, out } = await rig.cmc(["apply"]);
    expect(code).toBe(9);
    expect(out).toContain("Plan: 0 new, 0 rerun, 0 retry, 0 adopt, 8 blocked, 21 unchanged.\n");
    expect((await rig.cmc(["status", "--check"])).code).toBe(9);
    const explained = (await rig.cmc(["explain", "group[realization=1,redshift=1]"])).out;
    expect(explained).toContain("realization=1: 1 of 2 there\n");
  });

  it("an optional input that appears runs its job again, and so does one that goes away", async () => {
    rig.write("mask.txt", "masked\n");
    expect(await planJobs(rig, ["--stage", "optional"])).toEqual(["optional rerun input_changed"]);
    await rig.cmc(["apply", "--auto-approve"]);
    expect(rig.read("runs/holes_v1.0/optional.txt")).toBe("masked\n");
    rmSync(join(rig.dir, "mask.txt"));
    expect(await planJobs(rig, ["--stage", "optional"])).toEqual(["optional rerun input_changed"]);
  });

  it("the file arrives: exactly the blocked jobs run", async () => {
    rig.write("halos/r1_z2.txt", "r1z2\n");
    expect(await planLines(rig)).toEqual([
      "element create new 1",
      "group create new 2",
      "enough create new 1",
      "short create new 3",
      "optional rerun input_changed 1",
      "all create new 1",
    ]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(rig.read("runs/holes_v1.0/all_z2.txt")).toBe("r0z2+r1z2+r2z2\n");
    expect(await planLines(rig)).toEqual([]);
  });

  it("a quorum that was met stays met; --replace takes in the members that came later", async () => {
    expect(rig.read("runs/holes_v1.0/most_z2.txt")).toBe("r0z2+r2z2\n");
    const again = ["--replace", "most[redshift=2]"];
    expect(await planJobs(rig, again)).toEqual(["most[redshift=2] rerun requested"]);
    expect(await rig.cmc(["apply", "--auto-approve", ...again])).toMatchObject({ code: 0, err: "" });
    expect(rig.read("runs/holes_v1.0/most_z2.txt")).toBe("r0z2+r1z2+r2z2\n");
  });

  it("policy fail refuses the whole plan with exit 5, by plan and by apply, and runs nothing", async () => {
    rmSync(join(rig.dir, "halos/r1_z2.txt"));
    const plan = await rig.cmc(["plan", "strict"]);
    expect(plan.out).toContain("! 1  missing_input  strict[n=1]\n");
    const refusal =
      "error plan/missing-input: stage strict: the inputs of 1 job are not there, ../halos/r1_z2.txt first\n" +
      "  remedy: Provide the files, or choose another policy.\n";
    const { code, err } = await rig.cmc(["apply", "strict", "--auto-approve"]);
    expect({ code, err }).toEqual({ code: 5, err: refusal });
    expect(filesIn(join(rig.dir, "strict/runs/strict_v1.0"))).toEqual([]);
    expect({ code: plan.code, err: plan.err }).toEqual({ code: 5, err: refusal });
  });
});
