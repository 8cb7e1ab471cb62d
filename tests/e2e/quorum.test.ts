// A covariance from most of the mocks: what it was made from, what arrives later, and which changes make it again.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { planLines } from "../helpers/plan-lines.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile, task, type FanInElement, type JobContext } from "cmc";
const n = axis.range("n", { count: 5 });
const z = axis.list("z", [1, 2]);
const BAD: readonly number[] = [];
export const mock = defineStage({ name: "mock", matrix: [z, n] }, {
  inputs: { halos: inputFile(({ n, z }) => \`halos/\${n}_\${z}.txt\`) },
  outputs: { o: file(({ n, z }) => \`mock/\${n}_\${z}.txt\`) },
}, { run: command(({ point, inputs, outputs }) => ["cp", ...(BAD.includes(point.n) ? ["-p"] : []), inputs.halos, outputs.o]) });
function join(ctx: JobContext<{}, { mocks: readonly FanInElement[] }, "o">): void {
  ctx.writeText(ctx.outputs.o, ctx.inputs.mocks.map(({ path }) => ctx.readText(path).trim()).join("+") + "\\n");
}
export const covariance = defineStage({ name: "covariance", matrix: [z] }, {
  inputs: { mocks: mock.outputs.o.quorum(0.6, "n") }, outputs: { o: file(({ z }) => \`cov_\${z}.txt\`) },
}, { run: task(join) });
export default defineCampaign({ name: "most", version: "v1.0", stages: [mock, covariance], outputs: { base: "runs" } });
`;

describe("a quorum", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  const halos = (n: number, z: number) => rig.write(`halos/${n}_${z}.txt`, `n${n}`);
  for (const n of [0, 1, 2, 3]) for (const z of [1, 2]) if (n !== 3 || z !== 2) halos(n, z);
  const result = (z: number) => rig.read(`runs/most_v1.0/cov_${z}.txt`);
  const notes = async () => (await rig.json(["plan"])).find(({ type }) => type === "summary")!["notices"];
  afterAll(rig.dispose);

  it("is gathered from what there is; `explain` says from how many", async () => {
    await rig.cmc(["apply", "--auto-approve"]);
    expect([result(1), result(2)]).toEqual(["n0+n1+n2+n3\n", "n0+n1+n2\n"]);
    expect(await notes()).toEqual(["mock: 3 of 10 jobs lack halos; first: halos/4_1.txt"]);
    const explained = (await rig.cmc(["explain", "covariance[z=2]"])).out;
    expect(explained).toContain("mocks: 5 jobs of mock (quorum): 3 keep, 2 block; made from 3 of them\n");
  });

  it("more has arrived: the results stay, and the plan, `explain` and --json say what there is", async () => {
    for (const [n, z] of [[4, 1], [4, 2], [3, 2]] as const) halos(n, z); // prettier-ignore
    expect(await planLines(rig)).toEqual(["mock create new 3"]);
    expect(await notes()).toEqual([
      "covariance: 2 jobs were made from 3 to 4 of 5 jobs of mock; 1 to 2 more are made by this plan: `cmc apply --replace covariance` takes them in.",
    ]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    const { out } = await rig.cmc(["plan"]);
    expect(out).toContain("No changes.");
    expect(out.replaceAll(/\n {6}/g, " ")).toContain(
      "note: covariance: 2 jobs were made from 3 to 4 of 5 jobs of mock; 1 to 2 more have arrived since: `cmc apply --replace covariance` takes them in.\n",
    );
    const explained = (await rig.cmc(["explain", "covariance[z=2]"])).out;
    expect(explained.replaceAll(/\n {4}/g, " ")).toContain(
      "mocks: made from 3 of 5 jobs of mock; arrived since: mock[n=3,z=2], mock[n=4,z=2]\n",
    );
    expect(explained).toContain("covariance[z=2]  keep (completed)");
    const change = (await rig.json(["plan", "-v"])).find(({ key }) => key === "covariance[z=1]");
    expect(change).toMatchObject({
      action: "keep",
      details: [{ type: "quorum", port: "mocks", stage: "mock", used: 4, of: 5, arrived: ["mock[n=4,z=1]"], coming: [], lost: [] }],
    }); // prettier-ignore
  });

  it("--replace takes them in, for one job and for the stage", async () => {
    await rig.cmc(["apply", "--auto-approve", "--replace", "covariance[z=2]"]);
    expect([result(1), result(2)]).toEqual(["n0+n1+n2+n3\n", "n0+n1+n2+n3+n4\n"]);
    expect(await notes()).toEqual([
      "covariance: 1 job was made from 4 of 5 jobs of mock; 1 more has arrived since: `cmc apply --replace 'covariance[z=1]'` takes them in.",
    ]);
  });

  it("a change of a mock that was not used is no reason; of one that was used, it is", async () => {
    rig.edit("campaign.ts", "number[] = []", "number[] = [4]");
    expect(await planLines(rig)).toEqual(["mock rerun params_changed 2", "covariance rerun upstream_changed 1"]);
    const { out } = await rig.cmc(["plan", "-v", "--stage", "covariance"]);
    expect(out).toContain("-/+ covariance[z=2]  upstream_changed\n      upstream mock[n=4,z=2] (params_changed)\n");
    rig.edit("campaign.ts", "number[] = [4]", "number[] = []");
    expect(await planLines(rig)).toEqual([]);
  });

  it("the matrix grows: finished results stay, with a notice before and after", async () => {
    rig.edit("campaign.ts", "{ count: 5 }", "{ count: 6 }");
    for (const z of [1, 2]) halos(5, z);
    expect(await planLines(rig)).toEqual(["mock create new 2"]);
    expect(await rig.cmc(["apply", "--auto-approve", "--replace", "covariance"])).toMatchObject({ code: 0, err: "" });
    expect([result(1), result(2)]).toEqual(["n0+n1+n2+n3+n4+n5\n", "n0+n1+n2+n3+n4+n5\n"]);
    expect(await notes()).toEqual([]);
  });

  it("a mock that was used is taken out of the campaign: made again without it", async () => {
    rig.edit("campaign.ts", "{ count: 6 }", "{ count: 6, exclude: [0] }");
    expect(await planLines(rig)).toEqual(["covariance rerun upstream_changed 2", "mock forget forget 2"]);
    expect((await rig.cmc(["plan"])).out).toContain("e.g. covariance[z=1]: upstream mock[n=0,z=1] (forget)\n");
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(result(1)).toBe("n1+n2+n3+n4+n5\n");
    expect(await planLines(rig)).toEqual([]);
  });

  it("a mock that was used loses its file and comes back the same: the result stays", async () => {
    rmSync(join(rig.dir, "runs/most_v1.0/mock/2_1.txt"));
    expect(await planLines(rig)).toEqual(["mock rerun output_missing 1"]);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(await planLines(rig)).toEqual([]);
  });
});
