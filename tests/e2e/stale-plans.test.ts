// A colleague applies a plan that is no more what would be planned: jobs completed meanwhile, inputs changed, the campaign was edited, the site or
// cmc is another. Each is refused with what moved, and nothing is done. On a cluster as here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { decodePlan, encodePlan } from "../../src/apply/plan-file.ts";
import { makeRig } from "../helpers/cli.ts";
import { fakeSlurmPrograms } from "../helpers/fake-slurm.ts";
import { filesIn } from "../helpers/folder.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file, inputFile, task, variable, type JobContext } from "cmc";
import { values } from "./axes.ts";
import { measured } from "./measure.ts";
import { label } from "./text.ts";
const n = axis.list("n", values);
function write(ctx: JobContext<{ seed: number }, { src: string }, "out">): void {
  ctx.writeText(ctx.outputs.out, label + ctx.readText(ctx.inputs.src));
}
export const mock = defineStage({ name: "mock", matrix: [n] }, { inputs: { src: inputFile(({ n }) => \`in/\${n}.txt\`) }, outputs: { out: file(({ n }) => \`mock/\${n}.txt\`) } },
  { run: task(write, { params: { seed: variable("seed", { type: "number", default: 17 }) } }), resources: { walltime: "1m", cpus: 1 } });
export const measure = defineStage({ name: "measure", matrix: [n] }, { inputs: { src: mock.outputs.out.each() }, outputs: { out: file(({ n }) => \`measure/\${n}.txt\`) } },
  { run: task(measured), resources: { walltime: "1m", cpus: 1 } });
export default defineCampaign({ name: "stale", version: "v1.0", stages: [mock, measure], outputs: { base: "../runs" } });
`;
const MEASURE = `
import type { JobContext } from "cmc";
export function measured(ctx: JobContext<Readonly<Record<string, never>>, { src: string }, "out">): void {
  ctx.writeText(ctx.outputs.out, ctx.readText(ctx.inputs.src));
}
`;
const SITE = `executor: slurm\nnode: ${process.execPath}\nresources: { walltime: 10m }\npool: { when: never }\n`;

const rig = makeRig();
const root = join(rig.dir, "runs/stale_v1.0");
const at = (name: string) => join(rig.dir, name);
afterAll(rig.dispose);
beforeEach(() => {
  for (const name of ["c", "runs", "out.plan"]) rmSync(at(name), { recursive: true, force: true });
  rig.write("c/campaign.ts", CAMPAIGN);
  rig.write("c/axes.ts", "export const values = [0, 1, 2, 3];\n");
  rig.write("c/text.ts", `export const label = "label ";\n`);
  rig.write("c/measure.ts", MEASURE);
  for (let n = 0; n < 4; n++) rig.write(`c/in/${n}.txt`, `${n}\n`);
});

const ok = async (...args: string[]) => expect(await rig.cmc(args)).toMatchObject({ code: 0, err: "" });
const save = (...args: string[]) => ok("plan", "c", "-o", "out.plan", ...args);

/** What moved, as told; nothing was begun. */
async function stale(env: Readonly<Record<string, string>> = {}): Promise<{ told: string; related: string[] }> {
  const journals = () => filesIn(root).filter((path) => path.startsWith("journal/"));
  const before = existsSync(root) ? journals() : [];
  const { code, out, err } = await rig.cmc(["apply", "out.plan"], env);
  expect({ code, out }, err).toEqual({ code: 4, out: "" });
  expect(existsSync(root) ? journals() : []).toEqual(before);
  const lines = err.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^ {2}remedy: Nothing was done\. Make it again with `cmc plan c -o out\.plan( --site site\.yaml)?`, look at it, and apply that\.$/); // prettier-ignore
  const told = /^error plan\/stale: out\.plan is of \S+Z, and since then: (.*)$/.exec(lines[0]!)?.[1] ?? lines[0]!;
  return { told, related: lines.slice(1, -1).map((line) => line.trim()) };
}

describe("a colleague applies a stale plan", () => {
  it("jobs completed meanwhile", async () => {
    await save();
    await ok("apply", "c", "--auto-approve", "--limit", "3");
    expect(await stale()).toEqual({
      told: "3 jobs completed",
      related: ["related: 3 jobs completed: mock[n=0] and 2 others"],
    });
  });

  it("inputs changed, and one is gone", async () => {
    await ok("apply", "c", "--auto-approve", "--limit", "2");
    await save();
    rig.write("c/in/1.txt", "one\n");
    rig.write("c/in/2.txt", "two\n");
    rmSync(at("c/in/3.txt"));
    expect(await stale()).toEqual({
      told: "2 inputs changed, 1 input is gone, 1 more job is planned otherwise because of it",
      related: [
        "related: 2 inputs changed: in/1.txt and 1 other",
        "related: 1 input is gone: in/3.txt",
        "related: 1 more job is planned otherwise because of it: measure[n=3]",
      ],
    });
  });

  it.each([
    ["in the code of a stage", "c/text.ts", `export const label = "another ";\n`, "campaign edited in 1 stage (mock)"],
    ["in the code of another", "c/measure.ts", `${MEASURE}// a comment is an edit, too\n`, "campaign edited in 1 stage (measure)"],
    ["in what it is made of", "c/axes.ts", "export const values = [0, 1, 2, 3, 4];\n", "axes.ts changed"],
    ["in its module", "c/campaign.ts", `${CAMPAIGN}// and here\n`, "campaign.ts changed"],
  ])("the campaign was edited %s", async (_, path, text, told) => {
    await save();
    rig.write(path, text);
    expect((await stale()).told).toBe(told);
    // A refusal makes no root.
    expect(existsSync(at("runs"))).toBe(false);
  }); // prettier-ignore

  it("all at once; and back to what it was", async () => {
    await ok("apply", "c", "--auto-approve", "--limit", "1");
    await save();
    const files = ["c", "runs"];
    // With nanoseconds, as cpSync does not.
    for (const name of files) spawnSync("cp", ["-a", at(name), at(`${name}-before`)]);
    await ok("apply", "c", "--auto-approve", "--limit", "1");
    rmSync(join(root, "mock/0.txt"));
    rig.write("c/in/2.txt", "two\n");
    rig.write("c/axes.ts", "export const values = [1];\n");
    expect((await stale()).told).toBe("1 job completed, 1 input changed, 1 output is gone, axes.ts changed");
    for (const name of files) {
      rmSync(at(name), { recursive: true });
      renameSync(at(`${name}-before`), at(name));
    }
    // Looking is no change.
    for (const verb of ["plan", "status", "rebuild"]) await ok(verb, "c");
    await ok("apply", "out.plan");
  });

  it("a variables file that was edited is an edit of the campaign", async () => {
    rig.write("vars.yaml", "seed: 18\n");
    await ok("plan", "c", "--vars", "vars.yaml", "-o", "out.plan");
    rig.write("vars.yaml", "seed: 19\n");
    const { code, err } = await rig.cmc(["apply", "out.plan"]);
    expect(code).toBe(4);
    expect(err).toMatch(/since then: \.\.\/vars\.yaml changed\n {2}remedy: .*`cmc plan c --vars vars\.yaml -o out\.plan`/); // prettier-ignore
  });

  it("with --json as a diagnostic", async () => {
    await save();
    await ok("apply", "c", "--auto-approve", "--limit", "1");
    expect((await rig.json(["apply", "out.plan"])).at(-1)).toMatchObject({
      type: "diagnostic",
      code: "plan/stale",
      message: expect.stringContaining("1 job completed") as string,
      related: [{ message: "1 job completed: mock[n=0]" }],
    });
  });
});

describe("another cmc", () => {
  it("of another version, and of another build", async () => {
    await save();
    const { saved } = decodePlan(readFileSync(at("out.plan")), "out.plan");
    writeFileSync(at("out.plan"), encodePlan({ ...saved, tool: "0.0.9" }).bytes);
    expect((await stale()).told).toBe("cmc was 0.0.9 and is 0.1.0");
    const digests = { ...saved.digests, bundle: "0".repeat(64) };
    writeFileSync(at("out.plan"), encodePlan({ ...saved, digests }).bytes);
    const { code, err } = await rig.cmc(["apply", "out.plan"]);
    expect(code).toBe(4);
    expect(err).toContain("since then: this is another build of cmc: it would carry out something else\n");
    expect(existsSync(at("c/generated"))).toBe(false);
    // Nothing was begun: the plan as it was is still good.
    writeFileSync(at("out.plan"), encodePlan(saved).bytes);
    await ok("apply", "out.plan");
  });
});

describe("on a cluster", () => {
  const fake = at("fake");
  mkdirSync(fake);
  const slurm = fakeSlurmPrograms(fake);
  slurm.always("sbatch", { stdout: "17\n" });
  slurm.always("squeue", {});
  slurm.always("sacct", { stdout: "" });
  const env = { PATH: slurm.path };
  beforeEach(() => rig.write("site.yaml", SITE));

  it("hands over what was reviewed; the second apply finds it in the queue", async () => {
    await save("--site", "site.yaml");
    // The profile is in the file: it need not be here.
    renameSync(at("site.yaml"), at("gone.yaml"));
    const first = await rig.cmc(["apply", "out.plan"], env);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(/Handed over\. submitted 4 jobs in 1 tasks/);
    expect(slurm.calls("sbatch")).toHaveLength(1);
    const again = await rig.cmc(["apply", "out.plan"], env);
    expect(again.code).toBe(4);
    expect(again.err).toMatch(/was applied already, at \S+Z by \S+: 0 of 8 jobs completed, 4 jobs are running or queued/); // prettier-ignore
    expect(slurm.calls("sbatch")).toHaveLength(1);
  });

  it("refuses what another apply has submitted meanwhile", async () => {
    await save("--site", "site.yaml");
    expect(await rig.cmc(["apply", "c", "--site", "site.yaml", "--limit", "2", "--auto-approve"], env)).toMatchObject({ code: 0 }); // prettier-ignore
    expect((await stale(env)).told).toBe("2 jobs are running or queued");
  });

  it("refuses another site profile, and names its fields", async () => {
    await save("--site", "site.yaml");
    rig.write("site.yaml", `${SITE}queue: { account: m2 }\n`);
    expect((await stale(env)).told).toBe(`site profile ${at("site.yaml")} changed (queue.account)`);
    rig.write("site.yaml", "executor: nobody\n");
    expect((await stale(env)).told).toBe(`site profile ${at("site.yaml")} is not valid any more`);
  });

  it("without the campaign's source, says how to go on by the root", async () => {
    rig.edit("c/campaign.ts", "in/${n}.txt", `${at("in")}/\${n}.txt`);
    for (let n = 0; n < 4; n++) rig.write(`in/${n}.txt`, "x\n");
    await save("--site", "site.yaml");
    rmSync(at("c"), { recursive: true });
    const { code, out } = await rig.cmc(["apply", "out.plan"], env);
    expect(code).toBe(0);
    expect(out).toContain(`Next: \`cmc tick --root ${root}\` takes a turn`);
    expect(await rig.cmc(["tick", "--root", root], env)).toMatchObject({ code: 0, err: "" });
  });
});
