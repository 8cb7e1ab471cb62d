// apply itself is killed with SIGKILL: its worker must stop at once, and what still lives is ended by the next apply before it plans.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { reapOrphans } from "../../../src/executors/local/orphans.ts";
import { openJournal } from "../../../src/state/journal.ts";
import { readJournals } from "../../../src/state/read-journal.ts";
import { testCampaign, type TestCampaign } from "../../helpers/worker-bundle.ts";
import { ends, journalEvents, runCampaign } from "../../helpers/worker-run.ts";

let campaign: TestCampaign | undefined;
const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) if (isRunning(pid)) process.kill(pid, "SIGKILL");
  campaign?.remove();
});

/** A worker in --serve mode with one request, held by this test instead of an apply. */
function serve({ bundleDir, root, campaignDir }: TestCampaign, ...more: string[]) {
  const args = [
    join(bundleDir, "worker.mjs"),
    "--bundle",
    bundleDir,
    "--root",
    root,
    "--campaign-dir",
    campaignDir,
    "--run",
    "dead",
    "--name",
    "w0",
    "--serve",
    ...more,
  ];
  const worker = spawn(process.execPath, args, {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
    env: { ...process.env, CMC_GRACE_MS: "300" },
  });
  worker.stdin!.write(`${JSON.stringify({ type: "run", batch: "job-0000", line: 0, attempt: 1 })}\n`);
  started.push(worker.pid!);
  return worker;
}

async function jobPid({ root }: TestCampaign): Promise<number> {
  const file = join(root, "pid");
  await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
  const pid = Number(readFileSync(file, "utf8"));
  started.push(pid);
  return pid;
}

const job = (more = "") => ({
  name: "job",
  count: 1,
  argv: () => ["sh", "-c", `echo $$ > $CMC_ROOT/pid; ${more} sleep 100 & wait; sleep 100`],
});

it("a worker whose apply is gone stops its job at once and records it as cancelled", async () => {
  campaign = await testCampaign([job()]);
  const worker = serve(campaign);
  const pid = await jobPid(campaign);
  const begin = Date.now();
  worker.stdin!.end();
  await until(() => !isRunning(worker.pid!) && !isRunning(pid));
  expect(Date.now() - begin).toBeLessThan(2000);
  expect(ends(campaign.root)).toMatchObject([{ class: "cancelled", message: "stopped while it ran" }]);
});

it("SIGTERM to a worker does the same", async () => {
  campaign = await testCampaign([job()]);
  const worker = serve(campaign);
  const pid = await jobPid(campaign);
  process.kill(worker.pid!, "SIGTERM");
  await until(() => !isRunning(worker.pid!) && !isRunning(pid));
  expect(ends(campaign.root)).toMatchObject([{ class: "cancelled" }]);
});

it("jobs of a killed worker and workers of a killed apply are found and ended; only those of this root", async () => {
  campaign = await testCampaign([job("trap '' TERM;")]);
  const { root } = campaign;
  const worker = serve(campaign);
  const pid = await jobPid(campaign);
  process.kill(worker.pid!, "SIGKILL");
  await until(() => !isRunning(worker.pid!));
  expect(isRunning(pid)).toBe(true);
  // A live worker that nobody feeds, and a process of another campaign that happens to have the same attempt id.
  const second = serve({ ...campaign, bundleDir: campaign.bundleDir });
  const attemptId = [...readJournals(root).fold().state.jobs.values()][0]!.attempts[0]!.attemptId;
  const other = spawn("sleep", ["100"], {
    env: { ...process.env, CMC_ROOT: `${root}-other`, CMC_ATTEMPT_ID: attemptId },
    stdio: "ignore",
  });
  started.push(other.pid!);
  mkdirSync(join(root, "staging", "left-over", "deep"), { recursive: true });
  writeFileSync(join(root, "staging", "left-over", "deep", "file"), "x");
  await until(() => readJournals(root).writers.filter((writer) => !writer.closed).length === 2);
  const reaped = await reapOrphans(root);
  expect(reaped).toMatchObject({ workers: 1 });
  expect(reaped.lost.map((attempt) => attempt.attemptId)).toContain(attemptId);
  expect([pid, second.pid!].filter(isRunning)).toEqual([]);
  expect(isRunning(other.pid!)).toBe(true);
  expect(readdirSync(join(root, "staging"))).toEqual([]);
  expect(await reapOrphans(root)).toMatchObject({ workers: 0, processes: 0 });
});

it("a worker that starts when its apply is dead already begins nothing, though its requests lie in the pipe", async () => {
  campaign = await testCampaign([job()]);
  const dead = spawn("true");
  await new Promise((resolve) => dead.once("close", resolve));
  const worker = serve(campaign, "--parent", String(dead.pid));
  await until(() => !isRunning(worker.pid!));
  expect(journalEvents(campaign.root).map((event) => event.type)).toEqual(["journal-opened", "journal-closed"]);
  expect(readdirSync(join(campaign.root, "staging"))).toEqual([]);
});

it("a worker that is suspended is woken to end its job and to record it", async () => {
  campaign = await testCampaign([job()]);
  const worker = serve(campaign);
  const pid = await jobPid(campaign);
  process.kill(worker.pid!, "SIGSTOP");
  expect(await reapOrphans(campaign.root)).toEqual({ workers: 1, processes: 0, lost: [] });
  expect([worker.pid!, pid].filter(isRunning)).toEqual([]);
  expect(ends(campaign.root)).toMatchObject([{ class: "cancelled" }]);
});

it("what left its job's process group is ended, also where the job itself had its end", async () => {
  const daemon = "setsid sleep 100 & echo $! > $CMC_ROOT/daemon";
  campaign = await testCampaign([{ name: "job", count: 1, argv: () => ["sh", "-c", daemon] }]);
  const { root } = campaign;
  expect(await runCampaign(campaign)).toMatchObject({ done: 1 });
  const pid = Number(readFileSync(join(root, "daemon"), "utf8"));
  started.push(pid);
  expect(isRunning(pid)).toBe(false);
});

it("attempts of dead workers are declared lost, once; those of other hosts may be running and keep their staging", async () => {
  campaign = await testCampaign([job()]);
  const { root } = campaign;
  const journal = openJournal(root, { writer: "worker", run: "dead" });
  const begun = { type: "attempt-started", at: 1, attempt: 1, recipe: "r", pid: 1, batch: "b" } as const;
  journal.append({ ...begun, key: "job[i=0]", attemptId: "here", host: hostname() });
  journal.append({ ...begun, key: "job[i=1]", attemptId: "there", host: "elsewhere" });
  journal.close();
  for (const id of ["here", "there"]) mkdirSync(join(root, "staging", id), { recursive: true });
  expect((await reapOrphans(root)).lost).toEqual([{ key: "job[i=0]", attempt: 1, attemptId: "here" }]);
  expect(ends(root)).toMatchObject([
    { key: "job[i=0]", class: "lost", message: "its worker was gone when the next apply began" },
  ]);
  expect(readdirSync(join(root, "staging"))).toEqual(["there"]);
  expect((await reapOrphans(root)).lost).toEqual([]);
  expect(ends(root)).toHaveLength(1);
});

it("a root without anything in it has no orphans", async () => {
  campaign = await testCampaign([job()]);
  expect(await reapOrphans(campaign.root)).toEqual({ workers: 0, processes: 0, lost: [] });
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition();) {
    if (Date.now() > end) throw new Error("waited 10 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
