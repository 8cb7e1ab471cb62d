// What people see and do of a run on a cluster, with a scheduler that says what the test wants: status, explain, logs, cancel, retry, doctor.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { fakeSlurmPrograms, type FakeSlurmPrograms } from "../helpers/fake-slurm.ts";

const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 6 });
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}\`) } }, { run: command(() => ["true"]) });
export const second = defineStage({ name: "second", matrix: [n] }, { inputs: { from: first.outputs.out.each() }, outputs: { out: file(({ n }) => \`second/\${n}\`) } }, { run: command(() => ["true"]) });
export default defineCampaign({ name: "people", version: "v1.0", stages: [first, second], outputs: { base: "runs" } });
`;
// Two jobs a task.
const SITE = `executor: slurm\nnode: ${process.execPath}\nresources: { walltime: 10m }\npackTo: 20m\npool: { when: never }\n`;

const rig = makeRig({ "campaign.ts": CAMPAIGN, "site.yaml": SITE });
const root = join(rig.dir, "runs/people_v1.0");
let slurm: FakeSlurmPrograms;
let token: string;

const cmc = (...args: string[]) => rig.cmc(args, { PATH: slurm.path, SLURM_CONF: "/etc/slurm.conf" });
const json = async (...args: string[]) => rig.json(args, { PATH: slurm.path });

/** Lines of squeue for tasks of our submission: `0-1 PENDING Priority`. */
function queue(...rows: readonly (readonly [tasks: string, state: string, reason: string])[]): string {
  const user = process.getuid!();
  return rows
    .map(([tasks, state, reason]) => {
      const id = state === "PENDING" ? `17_[${tasks}]` : `17_${tasks}`;
      return `17|${id}|${user}|${state}|main|normal|acc|1795161234|N/A|N/A|0|0||cmc-${token}|(null)|${reason}\n`;
    })
    .join("");
}

/** Without line breaks. */
const flat = (text: string) => text.replace(/\s+/g, " ");

const REFUSED = { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n" };

beforeAll(async () => {
  const dir = join(rig.dir, "fake");
  mkdirSync(dir);
  slurm = fakeSlurmPrograms(dir);
  slurm.always("sbatch", { stdout: "17\n" });
  slurm.always("squeue", {});
  slurm.always("sacct", { stdout: "" });
  slurm.always("scancel", {});
  const applied = await cmc("apply", "--site", "site.yaml", "--auto-approve");
  expect(applied).toMatchObject({ code: 0 });
  token = slurm
    .calls("sbatch")[0]!
    .args.find((word) => word.startsWith("--job-name="))!
    .slice("--job-name=cmc-".length);
});
afterAll(() => rig.dispose());

describe("status", () => {
  it("after apply: in progress, not killed, and nobody ticks", async () => {
    const asked = slurm.calls().length;
    const { out } = await cmc("status");
    expect(out).toContain("In progress: run ");
    expect(out).not.toContain("killed?");
    expect(out).toContain("WARNING: no tick has come yet");
    expect(out).toMatch(/first .* 0\/6 {2}6 queued\n/);
    expect(out).toContain("6 queued: submitted, not looked at since");
    expect(out).toContain("6 waiting: for what it needs");
    expect(slurm.calls()).toHaveLength(asked);
  });

  it("after a tick: the scheduler's reasons, as of then", async () => {
    slurm.answer("squeue", { stdout: queue(["0-1", "PENDING", "QOSMaxJobsPerUserLimit"], ["2", "RUNNING", "None"]) });
    expect(await cmc("tick")).toMatchObject({ code: 0 });
    const { out } = await cmc("status");
    expect(out).not.toContain("WARNING");
    expect(out).toContain("4 queued: QOSMaxJobsPerUserLimit");
    // Its workers have recorded nothing yet.
    expect(out).toContain("2 queued: its array task is running");
    expect(out).toMatch(/Not done \(the queue as of \S+Z, .* ago\)/);
    expect(flat(out)).toContain(`${token} SLURM job 17, 3 tasks, 6 jobs: tasks 0-1 queued (QOSMaxJobsPerUserLimit); task 2 running`); // prettier-ignore
    const [, , ...lines] = await json("status");
    expect(lines.find(({ type }) => type === "submission")).toMatchObject({ token, jobId: 17, tasks: 3, jobs: 6 });
    expect((await json("status"))[1]).toMatchObject({ type: "status", live: false, total: { queued: 6, waiting: 6 }, cluster: { warnings: [], noRoom: 0 } }); // prettier-ignore
  });

  it("when the scheduler does not answer: what was seen stays, and how old it is", async () => {
    slurm.answer("squeue", REFUSED);
    expect(await cmc("tick")).toMatchObject({ code: 10 });
    const { out } = await cmc("status");
    expect(flat(out)).toMatch(/: the scheduler does not answer WARNING: the last turn, .* ago, could not reach the scheduler; what is said of the queue was seen .* ago: slurm_load_jobs error/); // prettier-ignore
    expect(out).toContain("4 queued: QOSMaxJobsPerUserLimit");
  });

  it("when the last tick is old", async () => {
    const file = join(root, "metadata/tick.json");
    const text = readFileSync(file, "utf8");
    const beat = JSON.parse(text) as { at: number; tickAt: number };
    const { unreachable: _, ...old } = { ...beat, at: beat.at - 3_600_000, unreachable: "" };
    writeFileSync(file, JSON.stringify(old));
    expect(flat((await cmc("status")).out)).toMatch(/WARNING: the last tick was 1 h 00 m ago, and without one nothing more/); // prettier-ignore
    writeFileSync(file, text);
  });

  it("takes jobs that are in nobody's hands for neither failed nor blocked", async () => {
    expect((await cmc("status", "--check")).code).toBe(0);
  });
});

describe("one job", () => {
  it("explain says in whose hands it is", async () => {
    const { out } = await cmc("explain", "first[n=1]");
    expect(flat(out)).toContain(`progress queued in SLURM job 17, task 0 (submission ${token}): QOSMaxJobsPerUserLimit (the queue as of `); // prettier-ignore
    expect(out).toContain("It is queued; `cmc status` follows it.");
    expect((await json("explain", "first[n=1]"))[1]).toMatchObject({ progress: { job: { standing: "queued", place: { token, task: 0, jobId: 17 } } } }); // prettier-ignore
  });

  it("logs of one that never began are its submission's, if that has printed anything", async () => {
    expect(await cmc("logs", "first[n=0]")).toMatchObject({ code: 1, err: `error cli/no-log: first[n=0] has no log\n  remedy: It is queued in SLURM job 17, task 0 (submission ${token}): QOSMaxJobsPerUserLimit.\n` }); // prettier-ignore
    writeFileSync(join(root, "logs", `${token}.slurm`), "bash: module: command not found\n");
    const said = await cmc("logs", "first[n=0]");
    expect(said).toMatchObject({ code: 0, out: "bash: module: command not found\n" });
    expect(said.err).toContain("first[n=0] has not begun");
    expect((await cmc("logs", "second[n=0]")).code).toBe(1);
  });
});

describe("cancel", () => {
  const scancels = () => slurm.calls("scancel").map(({ args }) => args);

  it("says what it would do, and does nothing", async () => {
    const asked = slurm.calls().length;
    const { code, out } = await cmc("cancel", "--stage", "first", "--where", "n=0..2", "--dry-run");
    expect(code).toBe(0);
    expect(out).toContain("Would be held: 3 jobs, first[n=0] and 2 others");
    expect(out).toContain(`${token}  SLURM job 17, task 0\n`);
    expect(flat(out)).toContain("1 selected job shares its task with jobs that are not selected");
    expect(slurm.calls()).toHaveLength(asked);
    expect((await cmc("status")).out).not.toContain("held");
  });

  it("refuses what it cannot mean", async () => {
    expect(await cmc("cancel", "--now")).toMatchObject({ code: 3 });
    expect(await cmc("cancel", "first[n=0]", "--stage", "first")).toMatchObject({ code: 3 });
    expect(await cmc("cancel", "--stage", "third")).toMatchObject({ code: 3 });
  });

  it("records what is wanted even where the scheduler does not answer, and can be asked again", async () => {
    slurm.answer("squeue", REFUSED);
    const asked = await cmc("cancel", "first[n=0]", "first[n=1]", "--because", "wrong seed");
    expect(asked).toMatchObject({ code: 10 });
    expect(asked.err).toContain("slurm/unreachable");
    expect(scancels()).toEqual([]);
    // Nobody can begin it any more: its claim is taken.
    expect(existsSync(join(root, "claims", token, "0"))).toBe(true);
    expect((await cmc("status")).out).toContain("2 held: cancelled by ");
    expect((await cmc("explain", "first[n=0]")).out).toMatch(/held since \S+Z: cancelled by \S+: wrong seed/);
  });

  it("cancels the tasks whose jobs are all selected, and looks again", async () => {
    const before = queue(["0-1", "PENDING", "Priority"], ["2", "RUNNING", "None"]);
    const after = queue(["0", "PENDING", "Priority"], ["2", "RUNNING", "None"]);
    slurm.answer("squeue", { stdout: before }, { stdout: before }, { stdout: after });
    const { code, out } = await cmc("cancel", "--where", "n=2..4", "--because", "wrong seed");
    expect(code).toBe(0);
    expect(scancels()).toEqual([["17_1"]]);
    expect(out).toContain("task 1: gone from the queue");
    // n=4 shares a task with n=5; of the second stage all three are held.
    expect(out).toContain("Held: 6 jobs, first[n=2] and 5 others");
    expect(out).toContain("1 selected job shares its task");
  });

  it("takes the whole submission, by its number, when all is meant; what stays is said", async () => {
    slurm.always("squeue", { stdout: queue(["2", "RUNNING", "None"]) });
    const { code, out } = await cmc("cancel");
    expect(code).toBe(0);
    expect(scancels().at(-1)).toEqual(["17"]);
    expect(out).toContain("still in the queue: task 2\n");
    slurm.answer("scancel", { code: 1, stderr: "scancel: error: Kill job error on job id 17: Access/permission denied\n" }); // prettier-ignore
    const denied = await cmc("cancel");
    expect(denied).toMatchObject({ code: 1 });
    expect(denied.out).toContain("scancel said: scancel: error: Kill job error");
  }, 60_000);

  it("asks for nothing when the name is not in the queue any more: numbers are given out again", async () => {
    slurm.always("squeue", { stdout: queue(["2", "RUNNING", "None"]).replace(token, "somebody-else") });
    const asked = scancels().length;
    expect(await cmc("cancel")).toMatchObject({ code: 0 });
    expect(scancels()).toHaveLength(asked);
  });
});

describe("retry while the run is in progress", () => {
  it("releases held jobs; the next tick submits them", async () => {
    slurm.always("squeue", { stdout: queue(["2", "RUNNING", "None"]) });
    const released = await cmc("retry", "first[n=0]", "first[n=2]", "--because", "the seed was right");
    expect(released).toMatchObject({ code: 0, err: "", out: "Will be retried by the next tick: 2 jobs, first[n=0] and 1 other.\n" }); // prettier-ignore
    slurm.always("sbatch", { stdout: "18\n" });
    const ticked = await cmc("tick");
    expect(ticked.out).toMatch(/^submitted 2 jobs in 1 tasks/);
    expect((await cmc("status")).out).toMatch(/SLURM job 18, 1 task, 2 jobs/);
  });

  it("waits for a tick that holds the lock, and says so", async () => {
    slurm.answer("squeue", { delay: 3, stdout: queue(["2", "RUNNING", "None"]) });
    const tick = rig.start(["tick"], { PATH: slurm.path });
    while (!existsSync(join(root, "metadata/lock"))) await new Promise((resolve) => setTimeout(resolve, 20));
    const released = await cmc("retry", "first[n=3]", "--because", "it too");
    expect(released).toMatchObject({ code: 0, err: "tick is at work; waiting for it to end.\n" });
    expect((await tick.done).code).toBe(0);
  });

  it("is in the database, the same after a rebuild", async () => {
    const database = join(root, "metadata/campaign.db");
    expect(await cmc("rebuild")).toMatchObject({ code: 0 });
    const first = readFileSync(database);
    expect(await query(database, "SELECT slurm_job, array, mode, tasks, jobs, state FROM submissions ORDER BY slurm_job")).toEqual([[17, "first", "array", 3, 6, "cancelled"], [18, "first", "array", 1, 2, "submitted"]]); // prettier-ignore
    expect(await query(database, "SELECT count(*) FROM jobs WHERE state = 'held'")).toEqual([[9]]);
    expect(await query(database, "SELECT DISTINCT held FROM jobs WHERE key = 'first[n=4]'")).toEqual([[expect.stringMatching(/^cancelled by/)]]); // prettier-ignore
    expect(await cmc("rebuild")).toMatchObject({ code: 0 });
    expect(readFileSync(database).equals(first)).toBe(true);
  });
});

describe("doctor --site", () => {
  const CONFIG = "MaxArraySize = 501\nMaxJobCount = 10000\nMessageTimeout = 30 sec\nAccountingStorageType = (null)\nClusterName = sim\nSLURM_VERSION = 22.05.8\n"; // prettier-ignore
  const PARTITIONS = "PartitionName=main Default=YES MaxTime=UNLIMITED State=UP TotalNodes=2 TotalCPUs=8\n";

  it("tells what is wrong, and leaves no file", async () => {
    slurm.answer("scontrol", { stdout: CONFIG }, { stdout: PARTITIONS });
    slurm.answer("sbatch", { code: 1, stderr: "allocation failure: Invalid account or account/partition combination specified\n" }); // prettier-ignore
    const { code, out } = await cmc("doctor", "--site", "site.yaml");
    expect(code).toBe(1);
    expect(out).toContain("ok   controller: answers: cluster sim, SLURM 22.05.8\n");
    expect(out).toContain("FAIL arrays: arrays of up to 501 tasks; the site has limits.maxArraySize 1001\n     remedy: Set limits.maxArraySize: 501.\n"); // prettier-ignore
    expect(out).toContain("ok   accounting: off");
    expect(out).toContain("FAIL sbatch, queue: allocation failure: Invalid account");
    const [script] = slurm
      .calls("sbatch")
      .at(-1)!
      .args.filter((word) => word.endsWith("nothing.sh"));
    expect(slurm.calls("sbatch").at(-1)!.args).toContain("--test-only");
    expect(existsSync(script!)).toBe(false);
  });

  it("ends with 10 when no controller answers, and is as ever for this machine", async () => {
    slurm.always("scontrol", { code: 1, stderr: "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n" }); // prettier-ignore
    expect((await cmc("doctor", "--site", "site.yaml")).code).toBe(10);
    const asked = slurm.calls().length;
    const local = await cmc("doctor", "--site", "local");
    expect(local).toMatchObject({ code: 0 });
    expect(local.out).toContain("ok   site: local, executor local\n");
    expect(slurm.calls()).toHaveLength(asked);
  });
});

it("tick --install prints the lines, and where they belong, apart", async () => {
  const { code, out, err } = await cmc("tick", "--install");
  expect(code).toBe(0);
  expect(out).toMatch(/^#SCRON [^\n]*\n\*\/10 \* \* \* \* PATH=\S+:"\$PATH" SLURM_CONF=\/etc\/slurm\.conf \S+node\S* \S+cmc\.mjs tick --root \S+ >>\S+ 2>&1\n$/); // prettier-ignore
  expect(err).toContain("scrontab -e");
});
