// Clusters side by side, stopped and continued, left behind by a process that was killed; and the command line. Nothing of cmc is tested here.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { jobProcesses } from "./cluster/leftovers.mjs";
import { isAlive, recorded, until } from "./cluster/processes.mjs";
import { startCluster } from "./cluster/start.mjs";
import { sweep } from "./cluster/stop.mjs";

const SMALL = { nodes: 1, accounting: false };
const MAIN = `${import.meta.dirname}/cluster/main.mjs`;

describe.skipIf(!hasCluster({ accounting: false }))("the life of a cluster", () => {
  it("is one of several, leaves nothing, and touches nobody else's", async () => {
    const [one, other] = await Promise.all([startCluster(SMALL), startCluster(SMALL)]);
    try {
      expect(one.dir).not.toBe(other.dir);
      // A process that leaves its job's session and parent.
      await one.submit("setsid sleep 4321 & sleep 4321");
      await other.submit("sleep 4321");
      await until("both run", () => jobProcesses(one.dir).length >= 4 && jobProcesses(other.dir).length >= 2);
      const daemons = ["munged", "slurmctld", "node1"].map((name) => recorded(one.dir, name));
      await one.stop();
      expect(daemons.map(isAlive)).toEqual([false, false, false]);
      expect(jobProcesses(one.dir)).toEqual([]);
      expect(existsSync(one.dir)).toBe(false);
      expect(await other.output(["squeue", "-h", "-o", "%T"])).toBe("RUNNING");
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });

  it("continues with the jobs that waited; a second start changes nothing", async () => {
    const cluster = await startCluster(SMALL);
    try {
      const id = await cluster.submit("true", ["--hold"]);
      await cluster.stop({ keep: true });
      expect(isAlive(recorded(cluster.dir, "slurmctld"))).toBe(false);
      const again = await startCluster({ dir: cluster.dir });
      const pid = recorded(cluster.dir, "slurmctld");
      await startCluster({ dir: cluster.dir });
      expect(recorded(cluster.dir, "slurmctld")).toEqual(pid);
      await again.output(["scontrol", "release", id]);
      expect((await again.ended(id)).map((job) => job.state)).toEqual(["COMPLETED"]);
    } finally {
      await cluster.stop();
    }
  });

  it("is ended by the next start when its tests were killed", async () => {
    const code = `import { startCluster } from "${import.meta.dirname}/cluster/start.mjs";
      console.log((await startCluster({ nodes: 1, accounting: false })).dir); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const dir = await new Promise<string>((done) => child.stdout.on("data", (chunk) => done(String(chunk).trim())));
    const controller = recorded(dir, "slurmctld");
    await sweep();
    expect(isAlive(controller)).toBe(true);
    child.kill("SIGKILL");
    await new Promise((done) => child.on("close", done));
    await sweep();
    expect([isAlive(controller), existsSync(dir)]).toEqual([false, false]);
  });

  it("is started and stopped by hand", async () => {
    const { run } = await import("./cluster/commands.mjs");
    const main = (...args: string[]) => run([process.execPath, MAIN, ...args], {});
    const started = await main("start", "--nodes", "1", "--no-accounting", "--conf", "MinJobAge=77");
    const dir = started.stdout.trim();
    try {
      expect(started.stderr).toMatch(/^1 nodes after [\d.]+ s; to use it: {2}\. \/.*\/env\.sh\n$/);
      const shown = await run(["sh", "-c", `. ${dir}/env.sh && scontrol show config`], {});
      expect(shown.stdout).toMatch(/MinJobAge\s+= 77 sec/);
      expect((await main("list")).stdout).toContain(`${dir}  up  1 nodes  detached\n`);
    } finally {
      await main("stop", dir);
    }
    expect(existsSync(dir)).toBe(false);
    expect((await main("stop", dir)).stderr).toContain(`no cluster in ${dir}`);
  });
});
