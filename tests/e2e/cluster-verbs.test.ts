// What people say of jobs of a run on a cluster, with a scheduler that says what the test wants: ticks submit nothing that is blocked, releases go
// out again, and a forgotten result is no longer built upon.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openJournal } from "../../src/state/journal.ts";
import { makeRig } from "../helpers/cli.ts";
import { fakeSlurmPrograms, type FakeSlurmPrograms } from "../helpers/fake-slurm.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 4 });
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}\`) } }, { run: command(() => ["true"]) });
export const second = defineStage({ name: "second", matrix: [n] }, { inputs: { from: first.outputs.out.each() }, outputs: { out: file(({ n }) => \`second/\${n}\`) } }, { run: command(() => ["true"]) });
export default defineCampaign({ name: "said", version: "v1.0", stages: [first, second], outputs: { base: "runs" } });
`;
const SITE = `executor: slurm\nnode: ${process.execPath}\nresources: { walltime: 10m }\npool: { when: never }\n`;

const rig = makeRig({ "campaign.ts": CAMPAIGN, "site.yaml": SITE });
const root = join(rig.dir, "runs/said_v1.0");
let slurm: FakeSlurmPrograms;
afterAll(rig.dispose);

const cmc = (...args: string[]) => rig.cmc(args, { PATH: slurm.path });
/** Keys in the latest submission, one a task. */
const lastSubmitted = () => {
  const { args } = slurm.calls("sbatch").at(-1)!;
  const file = args.find((word) => word.endsWith(".tasks"))!;
  return readFileSync(file, "utf8").trim().split("\n").flatMap((line) => [...line.matchAll(/"key":"([^"]+)"/g)].map((match) => match[1]!)); // prettier-ignore
};
const submissions = () => slurm.calls("sbatch").length;
const tokenOf = (call: number) => {
  const name = slurm.calls("sbatch")[call]!.args.find((word) => word.startsWith("--job-name="))!;
  return name.slice("--job-name=cmc-".length);
};
const queued = (token: string, tasks: string) =>
  `17|17_[${tasks}]|${process.getuid!()}|PENDING|main|normal|acc|1795161234|N/A|N/A|0|0||cmc-${token}|(null)|Priority\n`;

beforeAll(async () => {
  const dir = join(rig.dir, "fake");
  mkdirSync(dir);
  slurm = fakeSlurmPrograms(dir);
  slurm.always("sbatch", { stdout: "17\n" });
  slurm.always("squeue", {});
  slurm.always("sacct", { stdout: "" });
  slurm.always("scancel", {});
  expect(await rig.cmc(["block", "first[n=0]", "--because", "wrong halo"])).toMatchObject({ code: 0 });
  expect(await cmc("apply", "--site", "site.yaml", "--auto-approve")).toMatchObject({ code: 9 });
});

/** As a worker would: it ran, and here is its receipt. */
function succeed(key: string): void {
  const [bundleLine] = readFileSync(join(root, "metadata/bundle/jobs", `${key.split("[")[0]!}-0001.jsonl`), "utf8").trim().split("\n").filter((line) => line.includes(`"key":"${key}"`)); // prettier-ignore
  const { recipe, params } = JSON.parse(bundleLine!) as { recipe: never; params: never };
  const journal = openJournal(root, { writer: "worker", run: "w", name: key.replace(/\W/g, "-") });
  const attempt = { key, attempt: 1, attemptId: `${key}#1` };
  journal.append({ type: "attempt-started", at: Date.now(), ...attempt, recipe: (recipe as { digest: string }).digest, host: "n1", pid: 1, batch: "first-0001" }); // prettier-ignore
  journal.append({ type: "attempt-finished", at: Date.now(), ...attempt, class: "ok", message: "done", phases: [], receipt: { recipe, params, inputs: [], outputs: [], metrics: [], gates: [], checksPassed: 0 } }); // prettier-ignore
  journal.close();
}

it("what was blocked before is not handed over", () => {
  expect(lastSubmitted()).toEqual(["first[n=1]", "first[n=2]", "first[n=3]"]);
});

it("a block says which of its jobs may still run, and no tick submits the others", async () => {
  slurm.always("squeue", { stdout: queued(tokenOf(0), "0-2") });
  const { code, out } = await cmc("block", "--where", "n=1..2", "--because", "wrong halo");
  expect(code).toBe(0);
  expect(out).toBe("Blocked: 4 jobs, first[n=1] and 3 others.\nNothing begins them until `cmc release`.\n2 jobs are in the scheduler's hands already and may still run; `cmc cancel` takes them back.\n"); // prettier-ignore
  for (const n of [1, 2, 3]) succeed(`first[n=${n}]`);
  slurm.always("squeue", {});
  expect((await cmc("tick")).out).toMatch(/^submitted 1 jobs in 1 tasks/);
  expect(lastSubmitted()).toEqual(["second[n=3]"]);
  const status = await cmc("status");
  expect(status.out).toMatch(/2 held: blocked by \S+ at \S+Z: wrong halo/);
  expect((await cmc("retry", "second[n=1]", "--because", "x")).out).toContain("is blocked by");
});

it("what is released goes out with the next tick of the run in progress", async () => {
  slurm.always("squeue", { stdout: queued(tokenOf(1), "0") });
  const released = await cmc("release", "second[n=1]", "--because", "it was right");
  expect(released).toMatchObject({ code: 0, out: "Released: 1 job, second[n=1].\nThe next tick may run them.\n" });
  const before = submissions();
  expect((await cmc("tick")).out).toMatch(/^submitted 1 jobs in 1 tasks/);
  expect(submissions()).toBe(before + 1);
  expect(lastSubmitted()).toEqual(["second[n=1]"]);
});

it("a result of the run in progress that is forgotten is built upon no longer: the next plan has it", async () => {
  slurm.always("squeue", { stdout: queued(tokenOf(1), "0") + queued(tokenOf(2), "0").replaceAll("17", "18") });
  expect(await cmc("forget", "first[n=2]", "--because", "bad library")).toMatchObject({ code: 0 });
  expect((await cmc("release", "--where", "n=2", "--because", "by mistake")).code).toBe(0);
  const before = submissions();
  await cmc("tick");
  expect(submissions()).toBe(before);
  expect((await cmc("status")).out.replace(/\s+/g, " ")).toMatch(/1 held: its result was forgotten by \S+: bad library; the next apply plans it/); // prettier-ignore
  expect((await cmc("plan", "--list", "--state", "new")).out).toBe("first[n=2]\nsecond[n=2]\n");
});

it("a job is told what a cancellation said of it", async () => {
  slurm.always("squeue", {});
  expect(await cmc("cancel", "second[n=3]", "--because", "not needed")).toMatchObject({ code: 0 });
  const { out } = await cmc("explain", "second[n=3]");
  expect(out).toMatch(/said\n {2}\S+Z {2}cancel by \S+: not needed\n/);
  expect((await cmc("release", "second[n=3]", "--because", "needed")).out).toMatch(
    /^Released: 1 job, second\[n=3\]\.\n/,
  );
});

it("cancel takes selections as every verb: by state", async () => {
  const { out } = await cmc("cancel", "--state", "held", "--dry-run");
  expect(out).toBe("No job in progress is meant.\n");
  expect((await cmc("cancel", "--state", "queued", "--dry-run")).out).toContain("Would be held: 1 job, second[n=1];");
});
