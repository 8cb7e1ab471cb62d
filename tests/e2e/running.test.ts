// While an apply runs: a second one is refused, status and plan see it, cancel and Ctrl-C let jobs finish or stop them; apply goes on.
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { makeRig } from "../helpers/cli.ts";
import { query } from "../helpers/database.ts";
import { filesIn } from "../helpers/folder.ts";
import { planLines } from "../helpers/plan-lines.ts";
import { processesWith, until } from "../helpers/processes.ts";

/** Jobs wait for a file that the test writes: nothing here depends on how fast the machine is. */
const CAMPAIGN = `
import { axis, command, defineCampaign, defineStage, file } from "cmc";
const n = axis.range("n", { count: 4 });
export const wait = defineStage({ name: "wait", matrix: [n] }, { outputs: { out: file(({ n }) => \`out/\${n}.txt\`) } }, {
  run: command(({ outputs, point }) => ["sh", "-c", 'touch "$CMC_CAMPAIGN_DIR/begun-$1"; while ! [ -e "$CMC_CAMPAIGN_DIR/go" ]; do sleep 0.05; done; echo $1 > "$2"', "wait", point.n, outputs.out]),
});
export const after = defineStage({ name: "after", matrix: [n] }, {
  inputs: { src: wait.outputs.out.each() }, outputs: { out: file(({ n }) => \`after/\${n}.txt\`) },
}, { run: command(({ inputs, outputs }) => ["cp", inputs.src, outputs.out]) });
export default defineCampaign({ name: "busy", version: "v1.0", stages: [wait, after], outputs: { base: "runs" } });
`;

const ROOT = "runs/busy_v1.0";

describe("a running apply", () => {
  const rig = makeRig({ "campaign.ts": CAMPAIGN });
  afterEach(async () => {
    go();
    await until("all processes have ended", () => processesWith(join(rig.dir, ROOT)).length === 0);
    for (const name of ["runs", "go", ...begun()]) rmSync(join(rig.dir, name), { recursive: true, force: true });
  });
  afterAll(rig.dispose);

  const go = () => writeFileSync(join(rig.dir, "go"), "");
  const begun = () => readdirSync(rig.dir).filter((name) => name.startsWith("begun-"));

  /** Two jobs run and wait. */
  async function started(...args: readonly string[]) {
    const run = rig.start(["apply", "--auto-approve", "--jobs", "2", ...args]);
    await until("two jobs run", () => begun().length === 2);
    return run;
  }

  async function nothingLeft(): Promise<void> {
    await until("all processes have ended", () => processesWith(join(rig.dir, ROOT)).length === 0);
    expect(readdirSync(join(rig.dir, ROOT, "staging"))).toEqual([]);
    expect(existsSync(join(rig.dir, ROOT, "metadata", "lock"))).toBe(false);
  }

  it("refuses a second apply, naming lock, user, host, command and start; status and plan see it run", async () => {
    const { child, done } = await started();
    const second = await rig.cmc(["apply", "--auto-approve"]);
    const lock = JSON.parse(rig.read(`${ROOT}/metadata/lock`)) as { id: string; startedAt: number };
    const since = new Date(lock.startedAt).toISOString().replace("T", " ").slice(0, 19);
    expect(second).toMatchObject({ code: 6, out: "" });
    expect(second.err).toBe(
      `error state/locked: Lock ${lock.id}: ${userInfo().username}@${hostname()} (pid ${child.pid}) runs \`apply\` since ${since} UTC\n` +
        `  remedy: Wait for it; \`cmc force-unlock ${lock.id}\` breaks the lock if its holder is known to be gone.\n`,
    );
    expect((await rig.cmc(["rebuild"])).code).toBe(6);

    const status = await rig.cmc(["status"]);
    expect(status.out).toContain(`busy v1.0  0 of 8 jobs done  ${join(rig.dir, ROOT)}\n`);
    expect(status.out).toContain(
      `Running: apply by ${userInfo().username}@${hostname()}, pid ${child.pid}, lock ${lock.id}\n`,
    );
    expect(status.out).toMatch(/ {2}wait {3}-{20} {6}0\/4 {2}2 running, 2 waiting\n/);
    expect(status.out).toContain("Next: `cmc cancel` stops it after its running jobs.\n");

    const plan = await rig.json(["plan", "-v"]);
    const running = plan
      .filter(({ reason, type }) => type === "change" && reason === "running")
      .map(({ action }) => action);
    expect(running).toEqual(["wait", "wait"]);
    expect((await rig.cmc(["plan", "-v"])).out).toMatch(/ {4}wait\[n=\d\] {2}running\n/);

    go();
    expect(await done).toMatchObject({ code: 0, err: "" });
    await nothingLeft();
    expect(await planLines(rig)).toEqual([]);
  });

  it("two applies at the same moment: one runs everything once, the other exits 6", async () => {
    go();
    const both = await Promise.all([rig.cmc(["apply", "--auto-approve"]), rig.cmc(["apply", "--auto-approve"])]);
    const codes = both.map(({ code }) => code).sort();
    // Where the machine is so slow that one ends before the other looks, the second finds nothing to do.
    expect([
      [0, 6],
      [0, 0],
    ]).toContainEqual(codes);
    expect(
      await query(join(rig.dir, ROOT, "metadata/campaign.db"), "SELECT count(*), count(DISTINCT job) FROM attempts"),
    ).toEqual([[8, 8]]);
  });

  it("cancel lets running jobs finish and starts nothing new: exit 8; apply goes on from there", async () => {
    const { done } = await started();
    const asked = await rig.cmc(["cancel", "--because", "maintenance at noon"]);
    expect(asked).toMatchObject({ code: 0, err: "" });
    expect(asked.out).toMatch(/^Asked apply \(pid \d+\) to finish its running jobs and stop\.\n$/);
    go();
    const ended = await done;
    expect(ended.code).toBe(8);
    expect(ended.err).toBe("\nFinishing running jobs; Ctrl-C again stops them.\n");
    expect(ended.out).toMatch(
      /\nCancelled\. 2 done, 6 not done in .*\nFinished jobs are kept; nothing half-written was published\.\nNext: `cmc apply` goes on from here\.\n$/,
    );
    await nothingLeft();
    expect(filesIn(join(rig.dir, ROOT, "out"))).toHaveLength(2);
    expect(begun()).toHaveLength(2);
    expect(await query(join(rig.dir, ROOT, "metadata/campaign.db"), "SELECT outcome, cancel_reason FROM runs")).toEqual(
      [["cancelled", "maintenance at noon"]],
    );
    expect((await rig.cmc(["status"])).out).toMatch(/Last apply: .*, cancelled\n/);
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(filesIn(join(rig.dir, ROOT, "after"))).toHaveLength(4);
  });

  it("cancel --now stops running jobs; they cost no attempt and are taken up again", async () => {
    const { done } = await started();
    expect((await rig.cmc(["cancel", "--now"])).out).toMatch(/^Asked apply \(pid \d+\) to stop its running jobs\.\n$/);
    const ended = await done;
    expect(ended.code).toBe(8);
    expect(ended.out).toMatch(/\nCancelled\. 0 done, 8 not done in /);
    await nothingLeft();
    expect(filesIn(join(rig.dir, ROOT, "out"))).toEqual([]);
    expect(await planLines(rig)).toEqual(["wait create new 2", "wait retry retry_cancelled 2", "after create new 4"]);
    go();
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
    expect(await planLines(rig)).toEqual([]);
  });

  it("Ctrl-C lets running jobs finish; the second one stops them", async () => {
    const { child, done } = await started();
    let said = "";
    child.stderr!.on("data", (text: string) => (said += text));
    child.kill("SIGINT");
    await until("the first Ctrl-C is answered", () => said !== "");
    expect(await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 300, "still there"))])).toBe(
      "still there",
    );
    child.kill("SIGINT");
    const ended = await done;
    expect(ended.code).toBe(8);
    expect(ended.err).toBe("\nFinishing running jobs; Ctrl-C again stops them.\n\nStopping running jobs.\n");
    await nothingLeft();
    go();
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
  });

  it("SIGTERM stops at once, as batch systems and shutdowns ask", async () => {
    const { child, done } = await started();
    child.kill("SIGTERM");
    expect(await done).toMatchObject({ code: 8, err: "\nStopping running jobs.\n" });
    await nothingLeft();
  });

  it("a reader that goes away does not stop it", async () => {
    const { child, done } = await started();
    child.stdout!.destroy();
    go();
    expect(await done).toMatchObject({ code: 0, err: "" });
    expect(filesIn(join(rig.dir, ROOT, "after"))).toHaveLength(4);
  });

  it("force-unlock breaks a lock by its id only, and what was abandoned is taken over without it", async () => {
    expect(await rig.cmc(["force-unlock", "abc"])).toMatchObject({
      code: 1,
      out: "",
      err: "error state/no-such-lock: the campaign is not locked\n  remedy: `cmc status` shows who holds it.\n",
    });
    const held = {
      id: "0123456789ab",
      user: "ada",
      host: "login7",
      pid: 4711,
      processStart: "1",
      command: "apply",
      startedAt: 1_700_000_000_000,
    };
    rig.write(`${ROOT}/metadata/lock`, `${JSON.stringify(held)}\n`);
    const refused = await rig.cmc(["apply", "--auto-approve"]);
    expect(refused.code).toBe(6);
    expect(refused.err).toContain(
      "error state/locked: Lock 0123456789ab: ada@login7 (pid 4711) runs `apply` since 2023-11-14 22:13:20 UTC\n",
    );
    expect((await rig.cmc(["status"])).out).toContain("Running: apply by ada@login7, pid 4711, lock 0123456789ab\n");
    const other = await rig.cmc(["cancel"]);
    expect(other).toMatchObject({
      code: 1,
      out: "",
      err: "error state/other-host: apply runs on login7 (pid 4711), not on this host\n  remedy: Run this command there.\n",
    });
    expect((await rig.cmc(["force-unlock", "fff"])).err).toContain("the campaign is locked by 0123456789ab, not fff\n");
    expect(await rig.cmc(["force-unlock", "0123456789ab"])).toMatchObject({
      code: 0,
      out: "Lock 0123456789ab is broken. If its holder still runs, stop it before you apply.\n",
    });

    rig.write(`${ROOT}/metadata/lock`, `${JSON.stringify({ ...held, host: hostname(), pid: 2 ** 22 + 1 })}\n`);
    expect((await rig.cmc(["status"])).out).toContain("is abandoned (apply, pid 4194305 on ");
    go();
    expect(await rig.cmc(["apply", "--auto-approve"])).toMatchObject({ code: 0, err: "" });
  });
});

/** Quick jobs, so that many end between the instant at which a plan lists the outputs and the one at which it reads the journals. */
const FLOOD = `
import { axis, defineCampaign, defineStage, file, task } from "cmc";
const n = axis.range("n", { count: 500 });
export const quick = defineStage({ name: "quick", matrix: [n] }, {
  outputs: { out: file(({ n }) => \`out/\${n}.txt\`) },
}, { run: task((ctx) => ctx.writeText(ctx.outputs.out, "x")) });
export default defineCampaign({ name: "flood", version: "v1.0", stages: [quick], outputs: { base: "runs" } });
`;

it("a plan made while jobs end never says that an output which was just published is missing", async () => {
  const rig = makeRig({ "campaign.ts": FLOOD });
  try {
    await rig.cmc(["plan"]);
    const { child, done } = rig.start(["apply", "--auto-approve"]);
    const said = new Set<string>();
    while (child.exitCode === null) for (const line of await planLines(rig)) said.add(line.replace(/ \d+$/, ""));
    expect(await done).toMatchObject({ code: 0, err: "" });
    expect([...said]).toEqual(["quick create new"]);
  } finally {
    rig.dispose();
  }
});
