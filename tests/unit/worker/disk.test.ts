// Disks that are full or read-only: the attempt fails with a sentence naming the step, nothing half-written appears, the worker survives.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { placeholder } from "../../../src/ir/placeholder.ts";
import { testCampaign, type TestStage } from "../../helpers/worker-bundle.ts";
import { slurm, startWorker, taskJobs, writeTasks } from "../../helpers/worker-cluster.ts";
import { ends, runCampaign } from "../../helpers/worker-run.ts";

const mounts: string[] = [];
const homes: string[] = [];
afterEach(() => {
  for (const mount of mounts.splice(0)) spawnSync("umount", ["-l", mount]);
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** A campaign whose root is a file system of its own. Undefined where mounting is not allowed. */
function mountedHome(size: string): string | undefined {
  const home = mkdtempSync(join(tmpdir(), "cmc-disk-"));
  homes.push(home);
  const root = join(home, "root");
  mkdirSync(root);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", root], { encoding: "utf8" });
  if (mounted.status !== 0) return undefined;
  mounts.push(root);
  return home;
}

const canMount = (() => {
  const home = mountedHome("64k");
  for (const mount of mounts.splice(0)) spawnSync("umount", [mount]);
  for (const dir of homes.splice(0)) rmSync(dir, { recursive: true, force: true });
  if (home === undefined) console.warn("DISK TESTS SKIPPED: mounting a tmpfs is not allowed here (needs root)");
  return home !== undefined;
})();

const fill = (name: string, count: number, kilobytes: number): TestStage => ({
  name,
  count,
  argv: () => ["sh", "-c", `head -c ${kilobytes * 1024} /dev/zero > "$1"`, "sh", placeholder("output:o")],
  outputs: [{ ir: { kind: "file", name: "o" }, path: (i) => `${name}/${i}` }],
});

describe.skipIf(!canMount)("a full disk", () => {
  it("under a command: the job fails by itself, others go on, nothing half-written is published", async () => {
    const home = mountedHome("1m")!;
    const campaign = await testCampaign([fill("big", 1, 2000), fill("small", 2, 10)], { home });
    const ran = await runCampaign(campaign, { workers: 1 });
    expect(ran).toMatchObject({ done: 2, failed: 1 });
    expect(ends(campaign.root, "big[i=0]")[0]).toMatchObject({
      class: "exit",
      exit: 1,
      message: expect.stringMatching(/^sh exited with 1; no space left on the device/),
    });
    expect(existsSync(join(campaign.root, "big"))).toBe(false);
  });

  it("under tasks: classified, and after three in a row the run stops", async () => {
    const home = mountedHome("1m")!;
    const campaign = await testCampaign(
      [
        {
          name: "t",
          count: 9,
          task: "export default (c) => c.writeText(c.outputs.o, 'x'.repeat(3e6));",
          outputs: [{ ir: { kind: "file", name: "o" }, path: (i) => `t/${i}` }],
        },
      ],
      { home },
    );
    await expect(runCampaign(campaign)).rejects.toThrow(/^state\/disk-full: t\[i=\d\]: /);
    expect(ends(campaign.root).length).toBeLessThan(9);
    expect(ends(campaign.root)[0]).toMatchObject({ class: "exit", message: expect.stringMatching(/ENOSPC/) });
    expect(existsSync(join(campaign.root, "t"))).toBe(false);
  });

  it("under an array task: after three in a row it begins no more", async () => {
    const home = mountedHome("1m")!;
    const campaign = await testCampaign([fill("big", 9, 2000)], { home });
    const file = writeTasks(campaign, "t", [{ jobs: taskJobs(campaign, 0, 9) }]);
    const { end } = startWorker(campaign, "s7-0", ["--tasks", file, "--task", "0", "--token", "t"], slurm(7));
    expect(await end).toEqual({ code: 8, signal: null, err: "" });
    expect(ends(campaign.root).map(({ machine }) => machine)).toEqual(
      Array.from({ length: 3 }, () => "state/disk-full"),
    );
  });

  it("under the worker itself: the run ends with state/disk-full, and goes on when there is space again", async () => {
    const home = mountedHome("200k")!;
    const campaign = await testCampaign([fill("s", 40, 8)], { home });
    const outcome = await runCampaign(campaign, { workers: 1 }).then(
      (ran) => ran,
      (error: Error) => error,
    );
    const text = outcome instanceof Error ? outcome.message : JSON.stringify(outcome.failures[0]);
    expect(text).toMatch(/disk-full|No space left|exited with 1/);
    for (const file of existsSync(join(campaign.root, "s")) ? readdirSync(join(campaign.root, "s")) : [])
      expect(execFileSync("stat", ["-c", "%s", join(campaign.root, "s", file)], { encoding: "utf8" }).trim()).toBe(
        "8192",
      );
    spawnSync("mount", ["-o", "remount,size=4m", campaign.root]);
    const again = await runCampaign(campaign);
    expect(again).toMatchObject({ failed: 0, remaining: 0 });
    expect(readdirSync(join(campaign.root, "s")).length).toBe(40);
  });
});

describe.skipIf(!canMount)("a read-only root", () => {
  it("is a diagnostic of the first write, not a crash", async () => {
    const home = mountedHome("1m")!;
    const campaign = await testCampaign([fill("a", 2, 1)], { home });
    mkdirSync(join(campaign.root, "journal"));
    spawnSync("mount", ["-o", "remount,ro", campaign.root]);
    await expect(runCampaign(campaign)).rejects.toThrow(
      /^state\/unwritable: Cannot write .*: the file system is read-only$/,
    );
  });

  it("output folders that cannot be written fail their own jobs only", async () => {
    const home = mountedHome("1m")!;
    const campaign = await testCampaign([fill("no", 1, 1), fill("yes", 1, 1)], { home });
    mkdirSync(join(campaign.root, "no"));
    spawnSync("mount", ["--bind", join(campaign.root, "no"), join(campaign.root, "no")]);
    mounts.unshift(join(campaign.root, "no"));
    spawnSync("mount", ["-o", "remount,bind,ro", join(campaign.root, "no")]);
    const ran = await runCampaign(campaign, { workers: 1 }).then(
      (value) => value,
      (error: Error) => error,
    );
    expect(ends(campaign.root, "no[i=0]")[0]).toMatchObject({
      class: "exit",
      message: expect.stringMatching(/^publishing o: /),
    });
    expect(ran).toBeDefined();
    expect(readdirSync(join(campaign.root, "no"))).toEqual([]);
  });
});
