// The cluster without accounting, and a controller that hangs or dies: what a submitter meets then. Nothing of cmc is tested here.
import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import { until } from "./cluster/processes.mjs";
import { type Cluster } from "./cluster/types.ts";

describe.skipIf(!hasCluster({ accounting: false }))("a cluster without accounting", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({
      nodes: 2,
      accounting: false,
      nodeConf: "Feature=cpu",
      partitions: { batch: "Default=YES", debug: "MaxTime=5" },
      extraConf: ["MessageTimeout=5", "SlurmdTimeout=3", "TCPTimeout=1"],
    });
  });
  afterAll(() => cluster?.stop());

  it("has the partitions and features it was given", async () => {
    expect(await cluster.output(["sinfo", "-h", "-o", "%P %l %D %c %f"])).toBe(
      "batch* infinite 2 8 cpu\ndebug 5:00 2 8 cpu",
    );
  });

  it("runs jobs, but sacct and sacctmgr refuse", async () => {
    const id = await cluster.submit("exit 200", ["--constraint=cpu"]);
    expect(await cluster.ended(id)).toEqual([{ id, state: "FAILED", exit: "200:0", node: expect.any(String) }]);
    expect(await cluster.run(["sacct"])).toMatchObject({ status: 1, stderr: "Slurm accounting storage is disabled\n" });
    await expect(cluster.qos("small")).rejects.toThrow("accounting_storage");
    expect(() => cluster.accounting.stop()).toThrow("no accounting");
  });

  it("loses a node with all its processes, notices by itself, and gets it back", async () => {
    const id = await cluster.submit("sleep 1234", ["-w", "node2", "--no-requeue"]);
    await until("it runs", async () => (await cluster.queue(id)).get(id) === "RUNNING");
    await cluster.node("node2").kill();
    expect((await cluster.ended(id)).map((job) => job.state)).toEqual(["NODE_FAIL"]);
    await cluster.node("node2").up();
    const next = await cluster.submit("true", ["-w", "node2"]);
    expect((await cluster.ended(next)).map((job) => job.state)).toEqual(["COMPLETED"]);
  });

  it("lets sbatch time out while the controller hangs, and runs the job all the same", async () => {
    cluster.controller.stop();
    const answer = await cluster.run(["sbatch", "-o", "/dev/null", "--job-name=ambiguous", "--wrap=true"]);
    cluster.controller.cont();
    expect(answer).toMatchObject({ status: 1, stdout: "" });
    expect(answer.stderr).toContain("Socket timed out on send/recv operation");
    const state = () => cluster.output(["squeue", "-h", "-t", "all", "-n", "ambiguous", "-o", "%T"]);
    await until("the job that nobody knows ends", async () => (await state()) === "COMPLETED", { seconds: 30 });
  });

  it("keeps its jobs over a crash of the controller", async () => {
    const id = await cluster.submit("sleep 4; exit 3", ["--array=0-1"]);
    // What was submitted less than 5 s before a crash may be lost: its state is saved then.
    await until("both run", async () => [...(await cluster.queue(id)).values()].join() === "RUNNING,RUNNING");
    await until("the state is saved", () => saved(cluster, id), { seconds: 20 });
    await cluster.controller.kill();
    const refused = await cluster.run(["sbatch", "--wrap=true"]);
    expect(refused.stderr).toContain("Unable to contact slurm controller (connect failure)");
    await cluster.controller.restart();
    expect((await cluster.ended(id)).map((task) => [task.state, task.exit])).toEqual([
      ["FAILED", "3:0"],
      ["FAILED", "3:0"],
    ]);
  });
});

/** slurmctld writes job_state at most 5 s after a change. */
async function saved(cluster: Cluster, id: string): Promise<boolean> {
  const starts = await cluster.output(["squeue", "-h", "-j", id, "-o", "%S"]);
  const begun = Math.max(...starts.split("\n").map((time) => Date.parse(time)));
  const state = statSync(`${cluster.dir}/state/job_state`, { throwIfNoEntry: false });
  return state !== undefined && state.mtimeMs > begun + 1000; // squeue shows whole seconds
}
