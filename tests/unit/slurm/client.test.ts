// The client and real processes: stand-ins on PATH that answer, fail, hang, die and chatter as the test says.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SlurmClient, type SlurmSettings } from "../../../src/executors/slurm/client.ts";
import { type FakeSlurmPrograms, fakeSlurmPrograms } from "../../helpers/fake-slurm.ts";

let folder: string;
let fake: FakeSlurmPrograms;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cmc-slurm-"));
  fake = fakeSlurmPrograms(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CLUTTER = {
  SLURM_CONF: "/etc/slurm/other.conf",
  SLURM_JOB_ID: "7",
  SLURM_MEM_PER_NODE: "100",
  SLURM_CLUSTERS: "elsewhere",
  SLURM_TIME_FORMAT: "relative",
  SBATCH_PARTITION: "debug",
  SQUEUE_FORMAT: "%i",
  SACCT_FORMAT: "JobID",
  SCANCEL_STATE: "PENDING",
  TZ: "America/Los_Angeles",
  OMP_NUM_THREADS: "4",
};

function client(settings: Partial<SlurmSettings> = {}): SlurmClient {
  return new SlurmClient({ env: { ...CLUTTER, PATH: fake.path }, user: 1000, ...settings });
}

const SUBMISSION = { script: "/b/x.sbatch", args: ["a b"], jobName: "cmc-x" };

test("a submission is asked in words and answered with a number; the job's environment is left alone", async () => {
  fake.answer("sbatch", { stdout: "17;c1\n" });
  expect(await client().submit(SUBMISSION)).toEqual({ type: "submitted", jobId: 17, cluster: "c1" });
  const [call] = fake.calls("sbatch");
  expect(call).toMatchObject({ args: ["--parsable", "--job-name=cmc-x", "/b/x.sbatch", "a b"], stdin: "/dev/null" });
  const { SLURM_CONF, TZ, OMP_NUM_THREADS, ...rest } = call!.env;
  expect([SLURM_CONF, TZ, OMP_NUM_THREADS]).toEqual(["/etc/slurm/other.conf", "America/Los_Angeles", "4"]);
  expect(Object.keys(rest).filter((name) => /^(S[A-Z]+_|LC_)/.test(name))).toEqual([]);
});

test("questions are asked in a fixed environment", async () => {
  fake.answer("squeue", { stdout: readFileSync(`${import.meta.dirname}/../../fixtures/slurm/squeue-story.txt`, "utf8") });
  const answer = await client().queue();
  expect(answer.type === "ok" && answer.value.jobs).toHaveLength(8);
  const env = fake.calls("squeue")[0]!.env;
  expect(env).toMatchObject({ SLURM_BITSTR_LEN: "0", SLURM_TIME_FORMAT: "%s", TZ: "UTC0", LC_ALL: "C", SLURM_CONF: "/etc/slurm/other.conf" });
  for (const name of ["SQUEUE_FORMAT", "SLURM_CLUSTERS", "SLURM_JOB_ID", "SBATCH_PARTITION"]) expect(env[name]).toBeUndefined();
}); // prettier-ignore

test("a failed question is never an empty queue", async () => {
  fake.answer(
    "squeue",
    { stderr: "slurm_load_jobs error: Socket timed out on send/recv operation\n", code: 1 },
    { stderr: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n", code: 1 },
    { stderr: "squeue: error: Unrecognized option\n", code: 1 },
    { stdout: "1|1|1000|PEND", signal: "KILL" },
  );
  const slurm = client();
  const types = [];
  for (let i = 0; i < 4; i++) types.push((await slurm.queue()).type);
  expect(types).toEqual(["unreachable", "unreachable", "failed", "failed"]);
});

test("a hanging sbatch is ended, with all its children, and the job may exist", async () => {
  fake.answer("sbatch", { stderr: "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n", hang: true });
  const begin = performance.now();
  const answer = await client({ submitTimeout: 1.6 }).submit(SUBMISSION);
  expect(answer).toMatchObject({ type: "uncertain", likely: "wait" });
  expect(answer).toMatchObject({ text: expect.stringMatching(/^no answer within 2 s: sbatch: error: Slurm temporarily/) });
  expect(performance.now() - begin).toBeLessThan(8000);
}); // prettier-ignore

test("a hanging sbatch that gave a number has submitted; a hanging squeue has no answer", async () => {
  fake.answer("sbatch", { stdout: "18\n", hang: true });
  fake.answer("squeue", { hang: true });
  const slurm = client({ submitTimeout: 1.6, queryTimeout: 0.3 });
  expect(await slurm.submit(SUBMISSION)).toEqual({ type: "submitted", jobId: 18 });
  expect(await slurm.queue()).toEqual({ type: "unreachable", text: "no answer within 0 s" });
});

test("killed by somebody: the job may exist", async () => {
  fake.answer("sbatch", { signal: "TERM" });
  expect(await client().submit(SUBMISSION)).toEqual({ type: "uncertain", text: "ended by a signal" });
});

test("a child that keeps the pipes open does not keep us", async () => {
  fake.answer("sbatch", { stdout: "19\n", leaveChild: true });
  const begin = performance.now();
  expect(await client().submit(SUBMISSION)).toEqual({ type: "submitted", jobId: 19 });
  expect(performance.now() - begin).toBeLessThan(8000);
});

test("too long an answer is no answer", async () => {
  fake.answer("squeue", { stdout: "x".repeat(100_000) });
  expect(await client({ maxOutput: 50_000 }).queue()).toEqual({
    type: "failed",
    text: "its answer did not arrive whole",
  });
});

test("without SLURM everything is absent, and nothing throws", async () => {
  const slurm = client({ env: { PATH: join(folder, "nothing") } });
  const answers = await Promise.all([
    slurm.submit(SUBMISSION),
    slurm.testOnly(SUBMISSION),
    slurm.queue(),
    slurm.accounting({ since: 0 }),
    slurm.cancel(["1"]),
    slurm.ping(),
    slurm.config(),
  ]);
  expect(new Set(answers.map(({ type }) => type))).toEqual(new Set(["absent"]));
});

test("accounting: rows, off, and no question for no jobs", async () => {
  fake.answer("sacct", { stdout: "35_0|36|COMPLETED|0:0|1795161234|1795161240|1795161250|main|normal|acc1|node1|None|cmc|\n" });
  fake.answer("sacct", { stderr: "Slurm accounting storage is disabled\n", code: 1 });
  const slurm = client();
  const rows = await slurm.accounting({ since: 1795161000, jobs: [35] });
  expect(rows.type === "ok" && rows.value.jobs).toMatchObject([{ id: { job: 35, tasks: [0] }, end: 1795161250 }]);
  expect(await slurm.accounting({ since: 0 })).toEqual({ type: "off", text: "Slurm accounting storage is disabled" });
  expect(await slurm.accounting({ since: 0, jobs: [] })).toMatchObject({ type: "ok", value: { jobs: [] } });
  expect(fake.calls("sacct")).toHaveLength(2);
}); // prettier-ignore

test("cancelling, holding and requeueing: names only, in parts, and objections of single jobs stop nothing", async () => {
  fake.always("scancel", {});
  const slurm = client();
  const names = Array.from({ length: 450 }, (_, i) => String(i + 1));
  expect(await slurm.cancel(names)).toEqual({ type: "ok", value: { text: "" } });
  expect(fake.calls("scancel").map(({ args }) => args.length)).toEqual([200, 200, 50]);
  expect(await slurm.cancel([])).toEqual({ type: "ok", value: { text: "" } });
  expect(await slurm.cancel(["5", "--user=ann"])).toEqual({ type: "failed", text: "'--user=ann' is no job number" });
  expect(fake.calls("scancel")).toHaveLength(3);

  fake.answer("scontrol", { code: 1, stderr: "94_2: Job is pending execution\n" }, {}, {});
  expect(await slurm.requeue(["94_[1-3]"])).toEqual({ type: "failed", text: "94_2: Job is pending execution" });
  await slurm.hold(["5"]);
  await slurm.release(["5", "6_7"]);
  expect(fake.calls("scontrol").map(({ args }) => args.join(" "))).toEqual(["requeue 94_[1-3]", "hold 5", "release 5 6_7"]);

  fake.answer("scancel", { code: 8, stderr: "scancel: error: Kill job error on job id 1: Unable to contact slurm controller (connect failure)\n" });
  expect((await slurm.cancel(["1"])).type).toBe("unreachable");
}); // prettier-ignore

test("the cluster: ping, configuration, partitions, a trial", async () => {
  const fixture = (name: string) => readFileSync(`${import.meta.dirname}/../../fixtures/slurm/${name}`, "utf8");
  fake.answer(
    "scontrol",
    { code: 1, stdout: "Slurmctld(primary) at vm is DOWN\n*****\n** RESTORE SLURMCTLD DAEMON TO SERVICE **\n*****\n" },
    { code: 1, stderr: "scontrol: fatal: Could not establish a configuration source\n" },
    { stdout: fixture("config.txt") },
    { stdout: fixture("partitions.txt") },
  );
  fake.answer("sbatch", { stderr: "sbatch: Job 34 to start at 1795161234 using 1 processors on nodes node1 in partition main\n" });
  const slurm = client();
  expect(await slurm.ping()).toEqual({ type: "ok", value: [{ role: "primary", host: "vm", up: false }] });
  expect((await slurm.ping()).type).toBe("unreachable");
  expect(await slurm.config()).toMatchObject({ type: "ok", value: { maxArraySize: 1001 } });
  expect(await slurm.partitions()).toMatchObject({ type: "ok", value: [{ name: "main" }, { name: "low" }] });
  expect(await slurm.testOnly(SUBMISSION)).toMatchObject({ type: "fits", start: 1795161234 });
  expect(fake.calls("sbatch")[0]!.env).toMatchObject({ SLURM_TIME_FORMAT: "%s" });
}); // prettier-ignore

test("calls and their durations are counted", async () => {
  let now = 0;
  const slurm = client({ clock: () => (now += 2) });
  fake.answer("squeue", {}, { code: 1 });
  await slurm.queue();
  await slurm.queue();
  expect([...slurm.counts()]).toEqual([["squeue", { calls: 2, failed: 1, seconds: 4, longest: 2 }]]);
});

test("what nobody could run is a fault of ours", async () => {
  await expect(client().submit({ ...SUBMISSION, jobName: "a\0b" })).rejects.toThrow(/null bytes/);
});
