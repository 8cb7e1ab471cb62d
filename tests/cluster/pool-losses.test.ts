// Workers, allocations and nodes of a pool are lost while a job runs: another worker, or the next allocation, goes on with their packs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWith } from "../helpers/processes.ts";
import { hasCluster } from "./available.ts";
import { until } from "./cluster/processes.mjs";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const PARTITIONS = { main: "Nodes=node[1-2] Default=YES", frail: "Nodes=node3" };

const site = (streams: number, allocations: number, partition = "main") => `
resources: { walltime: 10m, memory: 200 MB }
pool: { when: always, streams: ${streams}, walltime: 1h, maxAllocations: ${allocations}, idle: 20s }
queue: { partition: ${partition} }
limits: { visibility: 1s }
`;
const STAGE = `export const job = defineStage({ name: "job", matrix: [axis.range("n", { count: 6 })] }, { outputs: { out: file(({ n }) => \`job/\${n}.txt\`) } }, { run: command(${RUN}), retry: { attempts: 1 } });`;
/** The first try of one job does not end by itself. */
const BEHAVE = `[ "$CMC_KEY $CMC_ATTEMPT" != 'job[n=2] 1' ] || sleep 600\n`;

let cluster: Cluster;
const rigs: ClusterRig[] = [];

/** Its job that does not end is at work. */
async function begun(name: string, yaml: string): Promise<ClusterRig> {
  const rig = clusterRig(cluster, name, STAGE, yaml);
  rigs.push(rig);
  rig.write("behave.sh", BEHAVE);
  expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
  await until("it is begun", () => rig.ran().includes("job[n=2] 1"));
  return rig;
}

const attempts = (rig: ClusterRig) => rig.state().jobs.get("job[n=2]")!.attempts;
const allocations = (rig: ClusterRig) => [...rig.state().submissions.values()];

/** The lost job was begun twice, the others once, and none is held or has failed. */
async function expectGoesOn(rig: ClusterRig, seconds = 60): Promise<void> {
  expect(await rig.finish({}, seconds)).toMatchObject({ code: 0, err: "" });
  expect(rig.ran().toSorted()).toEqual(["0 1", "1 1", "2 1", "2 2", "3 1", "4 1", "5 1"].map((of) => `job[n=${of[0]!}]${of.slice(1)}`)); // prettier-ignore
  expect(attempts(rig).map(({ end }) => end?.class === "ok")).toEqual([false, true]);
  expect(Object.values(rig.accepted())).toEqual([1, 1, 1, 1, 1, 1]);
  expect((await rig.cmc(["plan"])).out).toContain("No changes");
}

describe.skipIf(!hasCluster({ accounting: false }))("a pool goes on when", () => {
  beforeAll(async () => {
    const extraConf = ["SlurmdTimeout=5", "TCPTimeout=1"];
    cluster = await startCluster({ nodes: 3, cpus: 8, accounting: false, partitions: PARTITIONS, extraConf });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it.concurrent("one of its workers is killed: the other takes over", async () => {
    const rig = await begun("worker", site(2, 1));
    const [{ pid, attemptId }] = attempts(rig) as unknown as [{ pid: number; attemptId: string }];
    process.kill(pid, "SIGKILL");
    // A site that tracks processes by cgroup ends them all.
    for (const left of processesWith(attemptId)) process.kill(left, "SIGKILL");
    await expectGoesOn(rig);
    expect(attempts(rig)[0]!.end).toMatchObject({ class: "lost" });
    expect(allocations(rig)).toHaveLength(1);
  });

  it.concurrent("its only worker is killed: the next allocation goes on", async () => {
    const rig = await begun("alone", site(1, 1));
    const [{ pid, attemptId }] = attempts(rig) as unknown as [{ pid: number; attemptId: string }];
    process.kill(pid, "SIGKILL");
    for (const left of processesWith(attemptId)) process.kill(left, "SIGKILL");
    await expectGoesOn(rig);
    expect(allocations(rig).length).toBeGreaterThan(1);
  });

  it.concurrent("its allocation is cancelled", async () => {
    const rig = await begun("cancelled", site(1, 1));
    await cluster.output(["scancel", String(allocations(rig)[0]!.jobId)]);
    await expectGoesOn(rig);
  });

  it.concurrent("its node is lost", { timeout: 180_000 }, async () => {
    const rig = await begun("node", site(1, 1, "frail"));
    await cluster.node("node3").kill();
    await rig.tick();
    await until("SLURM knows", async () => (await cluster.output(["sinfo", "-h", "-n", "node3", "-p", "frail", "-o", "%T"])).startsWith("down"), { seconds: 90 }); // prettier-ignore
    await cluster.node("node3").up();
    await expectGoesOn(rig);
    expect(attempts(rig)[0]!.end).toMatchObject({ class: "lost", scheduler: "node_fail" });
  });
});
