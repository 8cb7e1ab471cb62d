// The software a result depends on: a container, modules, a lock file, the Node of tasks. Declared in the campaign, seen in the plan.
import { afterAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { planLines } from "../helpers/plan-lines.ts";

const DIGEST = (letter: string) => `sha256:${letter.repeat(64)}`;
const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, lockFile, task, type JobContext } from "cmc";
const n = axis.range("n", { count: 2 });
export const mock = defineStage({ name: "mock", matrix: [n] }, { outputs: { o: file(({ n }) => \`mock/\${n}.txt\`) } }, {
  run: command(({ outputs }) => ["sh", "-c", 'echo mock > "$0"', outputs.o], { env: { THREADS: "1" } }),
  environment: {
    modules: ["python/3.11"],
    container: { image: "registry/survey:2.1", digest: "${DIGEST("a")}" },
    conda: lockFile("conda-lock.yml"),
  },
});
function total(ctx: JobContext<{}, { mocks: readonly { path: string }[] }, "o">): void {
  ctx.writeText(ctx.outputs.o, String(ctx.inputs.mocks.length) + "\\n");
}
export const sum = defineStage({ name: "sum" }, { inputs: { mocks: mock.outputs.o.all("n") }, outputs: { o: file(() => "sum.txt") } }, { run: task(total) });
export default defineCampaign({ name: "env", version: "v1.0", stages: [mock, sum], outputs: { base: "runs" } });
`;
const MAJOR = process.versions.node.split(".")[0]!;
const withNode = (node: string) =>
  CAMPAIGN.replace("run: task(total)", `run: task(total), environment: { node: "${node}" }`);

describe("a declared environment", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "conda-lock.yml": "numpy 1.26\n" });
  afterAll(rig.dispose);
  /** What the plan says of the first job, without its line breaks. */
  const facts = async () => {
    const { out } = await rig.cmc(["plan", "-v", "--stage", "mock", "--where", "n=0"]);
    const said = /mock\[n=0\] {2}env_changed\n((?: {6}.*\n)+)/.exec(out)![1]!;
    return said.trim().replaceAll(/\n +/g, " ");
  };

  it("is recorded when it is applied", async () => {
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(await planLines(rig)).toEqual([]);
  });

  it("another content of the lock file reruns, and says so; the file is read again although the campaign is the same", async () => {
    rig.write("conda-lock.yml", "numpy 2.0\n");
    expect(await planLines(rig)).toEqual(["mock rerun env_changed 2", "sum rerun upstream_changed 1"]);
    expect(await facts()).toMatch(/^environment\.conda: "sha256:[0-9a-f]{12}…" -> "sha256:[0-9a-f]{12}…"$/);
    rig.write("conda-lock.yml", "numpy 1.26\n");
    expect(await planLines(rig)).toEqual([]);
  });

  it("a renamed lock file is none", async () => {
    rig.write("lock/env.yml", "numpy 1.26\n");
    rig.edit("campaign.ts", '"conda-lock.yml"', '"lock/env.yml"');
    expect(await planLines(rig)).toEqual([]);
    rig.edit("campaign.ts", '"lock/env.yml"', '"conda-lock.yml"');
  });

  it("container, modules and variables are shown old -> new", async () => {
    rig.edit("campaign.ts", DIGEST("a"), DIGEST("b"));
    rig.edit("campaign.ts", '["python/3.11"]', '["python/3.12", "hdf5"]');
    rig.edit("campaign.ts", 'THREADS: "1"', 'THREADS: "4"');
    expect(await facts()).toBe(
      `environment.container.digest: "sha256:${"a".repeat(12)}…" -> "sha256:${"b".repeat(12)}…" ` +
        'environment.modules[0]: "python/3.11" -> "python/3.12" environment.modules[1]: (none) -> "hdf5" env.THREADS: "1" -> "4"',
    );
    const change = (await rig.json(["plan", "-v"])).find(({ type }) => type === "change");
    expect(change).toMatchObject({
      details: [
        { field: "environment", path: "environment.container.digest", old: JSON.stringify(DIGEST("a")), new: JSON.stringify(DIGEST("b")) },
        {},
        {},
        {},
      ],
    }); // prettier-ignore
  });
});

describe("the Node of tasks", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN, "conda-lock.yml": "numpy 1.26\n" });
  afterAll(rig.dispose);

  it("declared for finished tasks: receipts say which Node made them", async () => {
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    rig.write("campaign.ts", withNode(MAJOR));
    expect(await planLines(rig)).toEqual([]);
  });

  it("another Node reruns them; apply here refuses with exit 5 and runs nothing", async () => {
    rig.write("campaign.ts", withNode("4"));
    expect(await planLines(rig)).toEqual(["sum rerun env_changed 1"]);
    expect((await rig.cmc(["plan"])).out).toContain(`environment.node: "${process.versions.node}" -> "4"\n`);
    const { code, err } = await rig.cmc(["apply", "--auto-approve"]);
    expect({ code, err }).toEqual({
      code: 5,
      err: `error plan/node: stage sum declares Node 4, and this is Node ${process.versions.node}\n  job: sum\n  remedy: Run cmc with that Node, or change \`environment.node\` of the stage.\n`,
    });
    rig.write("campaign.ts", CAMPAIGN);
    expect(await planLines(rig)).toEqual([]);
  });
});
