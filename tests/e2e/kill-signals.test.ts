// What people and schedulers do to a running campaign: signals to apply, a suspended worker, two applies at once, kills at a chosen moment.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLock } from "../../src/state/lock.ts";
import { readJournals } from "../../src/state/read-journal.ts";
import { CHAOS_FILES } from "../helpers/chaos-campaign.ts";
import { commandLine, executions, finalProblems, instantProblems } from "../helpers/chaos-check.ts";
import { endEverybody, Life } from "../helpers/chaos-life.ts";
import { makeRig, REPOSITORY } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { processesWith, until } from "../helpers/processes.ts";
import { hasTool } from "../helpers/tools.ts";

const rig = makeRig(CHAOS_FILES);
afterAll(() => {
  endEverybody(rig);
  rig.dispose();
});

const LOST = { code: null, signal: "SIGKILL" };

/** Probes take long enough to be met. */
const begin = (name: string) => Life.begin(rig, name, 1, 1);

/** A map is done and a probe runs. */
async function inTheMiddle(life: Life): Promise<void> {
  await until("a probe runs", () =>
    executions(life).some(({ what, key }) => what === "start" && key.startsWith("probe")),
  );
}

async function expectRecovery(life: Life): Promise<void> {
  expect(await life.apply()).toMatchObject({ code: 0, signal: null, err: "" });
  expect(await finalProblems(life)).toEqual([]);
}

const classes = (life: Life) => [...readJournals(life.root).fold().state.jobs.values()].flatMap((job) => job.attempts.map(({ end }) => end?.class)); // prettier-ignore

// The first command compiles.
beforeAll(async () => void (await (await begin("compiled")).start(["plan"]).done));

describe("apply is killed while jobs run", () => {
  it("its workers end their jobs and themselves; the lock is known to be abandoned", async () => {
    const life = await begin("alone");
    const running = life.startApply();
    await inTheMiddle(life);
    running.child.kill("SIGKILL");
    expect(await running.done).toMatchObject(LOST);
    expect(readLock(life.root)?.abandoned).toBe(true);
    // What left its job's process group (setsid) stays until the next apply.
    await until(
      "workers and jobs are gone",
      () => processesWith(life.base).every((pid) => commandLine(pid).startsWith("sleep")),
      5,
    );
    expect(await instantProblems(life)).toEqual([]);
    await expectRecovery(life);
  });

  it("and two applies are started at once: one goes on, the other is refused with 6", async () => {
    const life = await begin("pair");
    const running = life.startApply();
    await inTheMiddle(life);
    running.child.kill("SIGKILL");
    await running.done;
    const pair = await Promise.all([life.apply(), life.apply()]);
    expect(pair.map(({ code }) => code).sort()).toEqual([0, 6]);
    expect(pair.find(({ code }) => code === 6)!.err).toMatch(
      /^error state\/locked: Lock [0-9a-f]+: \S+ \(pid \d+\) runs `apply` since/,
    );
    expect(await finalProblems(life)).toEqual([]);
  });

  it("and its workers are suspended: the next apply ends them", async () => {
    const life = await begin("suspended");
    const running = life.startApply();
    await inTheMiddle(life);
    const workers = life.workers();
    for (const pid of workers) life.signalWorker(pid, "SIGSTOP");
    running.child.kill("SIGKILL");
    await running.done;
    expect(life.workers()).toEqual(workers);
    await expectRecovery(life);
  });
});

describe("signals", () => {
  it("SIGTERM to apply: jobs are ended and recorded, it exits with 8, nobody is left", async () => {
    const life = await begin("terminated");
    const running = life.startApply();
    await inTheMiddle(life);
    running.child.kill("SIGTERM");
    expect(await running.done).toMatchObject({ code: 8, signal: null });
    expect(classes(life)).toContain("cancelled");
    expect(classes(life)).not.toContain(undefined);
    expect([processesWith(life.base), readLock(life.root)]).toEqual([[], undefined]);
    await expectRecovery(life);
  });

  it("SIGINT to apply: running jobs finish, nothing new is begun, it exits with 8", async () => {
    const life = await begin("interrupted");
    const running = life.startApply();
    await inTheMiddle(life);
    running.child.kill("SIGINT");
    expect(await running.done).toMatchObject({ code: 8, signal: null });
    expect(new Set(classes(life))).toEqual(new Set(["ok"]));
    expect([processesWith(life.base), readLock(life.root)]).toEqual([[], undefined]);
    await expectRecovery(life);
  });

  it.skipIf(!hasTool("script"))(
    "a terminal that goes away: jobs are ended and recorded, the lock is released",
    async () => {
      const life = await begin("terminal");
      const words = [process.execPath, join(REPOSITORY, "dist/cmc.mjs"), "apply", "--auto-approve", ...life.options];
      const command = words.map((word) => `'${word}'`).join(" ");
      const env = { ...process.env, CMC_CACHE_DIR: join(rig.dir, ".cache") };
      const terminal = spawn("script", ["-qefc", command, "/dev/null"], { cwd: rig.dir, env, stdio: "ignore" });
      await until("a job runs", () => existsSync(life.root) && life.jobGroups().length > 0);
      terminal.kill("SIGKILL");
      await until("apply and its jobs are gone", () => processesWith(life.base).length === 0);
      const { state } = readJournals(life.root).fold();
      expect([...state.runs.values()].map((run) => run.end?.outcome)).toEqual(["cancelled"]);
      expect(classes(life)).not.toContain(undefined);
      expect(readLock(life.root)).toBeUndefined();
      await expectRecovery(life);
    },
  );

  it("SIGSTOP and SIGCONT to a worker: it goes on as if nothing had been", async () => {
    const life = await begin("stopped");
    const running = life.startApply();
    await inTheMiddle(life);
    const [pid] = life.workers();
    life.signalWorker(pid!, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 300));
    life.signalWorker(pid!, "SIGCONT");
    expect(await running.done).toMatchObject({ code: 0, err: "" });
    expect(new Set(classes(life))).toEqual(new Set(["ok"]));
    expect(await finalProblems(life)).toEqual([]);
  });
});

describe("results that are there already", () => {
  it("a requested rerun that is killed leaves the old result; nothing says that it still runs", async () => {
    const life = await begin("replaced");
    await expectRecovery(life);
    const before = executions(life).length;
    const running = life.startApply({}, ["--replace", "probe[box=0]"]);
    await until("the job runs again", () => executions(life).length > before);
    running.child.kill("SIGKILL");
    for (const pid of life.workers()) life.signalWorker(pid, "SIGKILL");
    await running.done;
    // The request was a word to that apply; the receipt it would have replaced still holds.
    expect(await life.apply()).toMatchObject({ code: 0, err: "" });
    const database = join(life.root, "metadata", "campaign.db");
    expect(await query(database, "SELECT key FROM running")).toEqual([]);
    expect(await query(database, "SELECT state, attempts FROM jobs WHERE key = 'probe[box=0]'")).toEqual([["done", 2]]);
    const asked = /^probe\[box=0\]: \S+ ran after the receipt of \S+$/;
    expect(await finalProblems(life)).toEqual([expect.stringMatching(asked)]);
  });

  it("files that were being adopted when apply was killed are adopted by the next, and not made again", async () => {
    const life = await begin("adopted");
    for (const { files } of life.jobs)
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(life.root, path)), { recursive: true });
        writeFileSync(join(life.root, path), content);
      }
    const killed = await life.apply({ CMC_FAULT: "worker/claimed" }, ["--adopt"]);
    expect(killed.out + killed.err).toContain("SIGKILL");
    expect(await life.apply({}, ["--adopt"])).toMatchObject({ code: 0, err: "" });
    expect(existsSync(join(life.base, "side"))).toBe(false);
    expect(await finalProblems(life)).toEqual([]);
  });
});
