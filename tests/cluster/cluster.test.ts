// The cluster itself: does it do what SLURM does to a campaign? Real end states, limits and outages. Nothing of cmc is tested here.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import { until } from "./cluster/processes.mjs";
import { type Cluster } from "./cluster/types.ts";

let cluster: Cluster;

/** Nodes of their own for those who disturb others. */
const PARTITIONS = {
  main: "Nodes=node[1-2] Default=YES",
  low: "Nodes=node3 PriorityTier=1",
  high: "Nodes=node3 PriorityTier=100 PreemptMode=OFF",
  frail: "Nodes=node4",
};

const running = (id: string) =>
  until(`job ${id} runs`, async () => [...(await cluster.queue(id)).values()].includes("RUNNING"), { seconds: 30 });
const states = async (id: string) => (await cluster.ended(id)).map((attempt) => attempt.state);

describe.skipIf(!hasCluster())("a cluster with accounting", () => {
  let seconds = 0;
  beforeAll(async () => {
    const begin = performance.now();
    cluster = await startCluster({ nodes: 4, cpus: 2, memory: 1000, partitions: PARTITIONS });
    seconds = (performance.now() - begin) / 1000;
  });
  afterAll(() => cluster?.stop());

  it("starts in seconds, and listens on 127.0.0.1 only", () => {
    expect(seconds).toBeLessThan(30);
    const { port } = JSON.parse(readFileSync(`${cluster.dir}/cluster.json`, "utf8"));
    // slurmctld, slurmdbd, and the nodes a little later.
    expect(listening(port, port + 20)).toEqual([0, 1, 8, 9, 10, 11].map((offset) => `127.0.0.1:${port + offset}`));
  });

  // At the same time: most of it is waiting.
  describe.concurrent("running jobs", () => {
    it("spreads an array over its nodes, and sacct shows every task with its exit code", async () => {
      const id = await cluster.submit("sleep 1; exit $SLURM_ARRAY_TASK_ID", ["--array=0-3", "--exclusive"]);
      const tasks = await cluster.ended(id);
      expect(tasks.map((task) => [task.id, task.state, task.exit])).toEqual([
        [`${id}_0`, "COMPLETED", "0:0"],
        [`${id}_1`, "FAILED", "1:0"],
        [`${id}_2`, "FAILED", "2:0"],
        [`${id}_3`, "FAILED", "3:0"],
      ]);
      expect(new Set(tasks.map((task) => task.node))).toEqual(new Set(["node1", "node2"]));
    });

    it("ends a job as OUT_OF_MEMORY, also as a task of an array", async () => {
      const id = await cluster.submit(`[ $SLURM_ARRAY_TASK_ID = 1 ] && ${cluster.oom} && sleep 60`, ["--array=0-1"]);
      expect((await cluster.ended(id)).map((task) => [task.state, task.exit])).toEqual([
        ["FAILED", "1:0"],
        ["OUT_OF_MEMORY", "0:125"],
      ]);
    });

    it("preempts a job, and gives no second life to one that wants none", async () => {
      const low = await cluster.submit("sleep 60", ["-p", "low", "--exclusive", "--no-requeue"]);
      await running(low);
      const high = await cluster.submit("true", ["-p", "high", "--exclusive"]);
      expect(await states(high)).toEqual(["COMPLETED"]);
      expect(await states(low)).toEqual(["PREEMPTED"]);
    });

    it("refuses what a QOS does not allow, and holds back the rest", async () => {
      await cluster.qos("small", { MaxSubmitJobsPerUser: 3, MaxJobsPerUser: 1 });
      const id = await cluster.submit("sleep 60", ["--qos=small", "--array=0-2"]);
      await running(id);
      const refused = await cluster.run(["sbatch", "--qos=small", "--wrap=true"]);
      expect(refused).toMatchObject({
        status: 1,
        stderr:
          "sbatch: error: QOSMaxSubmitJobPerUserLimit\n" +
          "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy " +
          "(job submit limit, user's size and/or time limits)\n",
      });
      expect(await cluster.output(["squeue", "-h", "-j", id, "-t", "PD", "-o", "%r"])).toBe("QOSMaxJobsPerUserLimit");
      await cluster.output(["scancel", id]);
      expect(await states(id)).toContain("CANCELLED");
      expect(await cluster.run(["sbatch", "--qos=none", "--wrap=true"])).toMatchObject({
        status: 1,
        stderr: "sbatch: error: Batch job submission failed: Invalid qos specification\n",
      });
    });

    it("knows other users by what they were given", async () => {
      const refused = await cluster.run(["sbatch", "--wrap=true"], { user: "games", cwd: "/tmp" });
      expect(refused.stderr).toContain("Invalid account or account/partition combination specified");
      await cluster.qos("guests");
      await cluster.user("games", "visitors", ["guests"]);
      const id = await cluster.submit("[ $(id -un) = games ]", [], { user: "games" });
      expect(await states(id)).toEqual(["COMPLETED"]);
      const row = await cluster.output(["squeue", "-h", "-t", "all", "-j", id, "-o", "%u %a %q"]);
      expect(row).toBe("games visitors guests");
    });

    it("ends jobs with NODE_FAIL where a node goes down, and starts again those that may", async () => {
      const [once, again] = await Promise.all([
        cluster.submit("sleep 60", ["-p", "frail", "--no-requeue"]),
        cluster.submit('[ -n "$SLURM_RESTART_COUNT" ] || sleep 60', ["-p", "frail", "--requeue"]),
      ]);
      await Promise.all([running(once), running(again)]);
      await cluster.node("node4").down();
      expect(await states(once)).toEqual(["NODE_FAIL"]);
      expect(await cluster.output(["sinfo", "-h", "-n", "node4", "-p", "frail", "-o", "%T"])).toBe("down");
      await cluster.node("node4").up();
      expect(await states(again)).toEqual(["NODE_FAIL", "COMPLETED"]);
    });
  });

  it("goes on without slurmdbd, and tells it later", async () => {
    await cluster.accounting.stop();
    const id = await cluster.submit("exit 7");
    const refused = await cluster.run(["sacct", "-X"]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("Problem talking to the database");
    await until("it ends", async () => (await cluster.queue(id)).get(id) === "FAILED", { seconds: 30 });
    await cluster.accounting.start();
    // The exit code follows, up to 20 s later: until then sacct says 0:0.
    await until("sacct knows it", async () => (await cluster.attempts(id)).some((job) => job.state === "FAILED"));
  });
});

/** Listening addresses in a range of ports, sorted: from the kernel's tables, IPv6 as "...". */
function listening(from: number, to: number): string[] {
  const rows = ["tcp", "tcp6"].flatMap((name) => readFileSync(`/proc/net/${name}`, "utf8").trim().split("\n").slice(1));
  const found = rows.flatMap((row) => {
    const [, local, , state] = row.trim().split(/\s+/);
    const [address, port] = [local!.split(":")[0]!, Number.parseInt(local!.split(":")[1]!, 16)];
    if (state !== "0A" || port < from || port > to) return [];
    const bytes = address.length > 8 ? "..." : [...Buffer.from(address, "hex")].reverse().join(".");
    return [`${bytes}:${port}`];
  });
  return found.sort();
}
