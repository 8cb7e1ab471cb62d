// Every way in which a job or its worker can fail, for real, and what a tick makes of it: another try with more, another place, or a person's turn.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { until } from "./cluster/processes.mjs";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

/** Nodes of their own for those who disturb others. */
const PARTITIONS = {
  main: "Nodes=node[1-2] Default=YES",
  low: "Nodes=node3 PriorityTier=1",
  high: "Nodes=node3 PriorityTier=100 PreemptMode=OFF",
  frail: "Nodes=node4",
};

const site = (partition = "main") => `
resources: { walltime: 1m, memory: 100 MB }
packTo: 1m
pool: { when: never }
queue: { partition: ${partition} }
limits: { visibility: 1s, failureRate: { most: 1 } }
`;

const stage = (name: string, count: number, more = "") =>
  `export const ${name} = defineStage({ name: "${name}", matrix: [axis.range("n", { count: ${count} })] }, { outputs: { out: file(({ n }) => \`${name}/\${n}.txt\`) } }, { run: command(${RUN}), ${more} });`;

let cluster: Cluster;
const rigs: ClusterRig[] = [];

function rigFor(name: string, stages: string, behave: string, yaml = site()): ClusterRig {
  const rig = clusterRig(cluster, name, stages, yaml);
  rigs.push(rig);
  rig.write("behave.sh", behave);
  return rig;
}

/** How the attempts of a job ended, and what SLURM said where that is why it was written. */
const ends = (rig: ClusterRig, key: string) =>
  rig.state().jobs.get(key)!.attempts.map(({ end }) => (end?.scheduler ? `${end.class} (${end.scheduler})` : end?.class)); // prettier-ignore
const begun = (rig: ClusterRig) => until("a job is begun", () => rig.ran().length > 0, { seconds: 60 });
const jobId = (rig: ClusterRig) => String([...rig.state().submissions.values()][0]!.jobId);

describe.skipIf(!hasCluster())("on a cluster", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 4, cpus: 8, partitions: PARTITIONS });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it.concurrent("failed jobs are tried again as their class asks for; neighbours are none the worse", async () => {
    const stages = [
      stage("plain", 3, 'retry: { attempts: 2, backoff: { initial: "1s" } }'),
      stage("hungry", 1, 'resources: { memory: "100 MB" }, retry: { attempts: 2, escalate: { oom: { memory: 3 } } }'),
      stage(
        "slow",
        1,
        'resources: { walltime: "2s" }, retry: { attempts: 2, escalate: { timeout: { walltime: 10 } } }',
      ),
      stage("bad", 1, "retry: { attempts: 3 }").replace(".txt`)", '.txt`, { size: { min: "1 kB" } })'),
      `export const after = defineStage({ name: "after", matrix: [axis.range("n", { count: 3 })] }, { inputs: { from: plain.outputs.out.each() }, outputs: { out: file(({ n }) => \`after/\${n}.txt\`) } }, { run: command(${RUN}) });`,
    ];
    const rig = rigFor(
      "classes",
      stages.join("\n"),
      `echo "$SLURM_MEM_PER_NODE" > "$CMC_CAMPAIGN_DIR/memory-$CMC_STAGE-$CMC_ATTEMPT"
case "$CMC_KEY $CMC_ATTEMPT" in
  'plain[n=1] 1') exit 3 ;;
  'plain[n=2] '*) exit 4 ;;
  'hungry[n=0] 1') ${cluster.oom}; sleep 60 ;;
  'slow[n=0] '*) sleep 3 ;;
esac
`,
    );
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(await rig.finish()).toMatchObject({ code: 9 });
    expect(ends(rig, "plain[n=0]")).toEqual(["ok"]);
    expect(ends(rig, "plain[n=1]")).toEqual(["exit", "ok"]);
    expect(ends(rig, "plain[n=2]")).toEqual(["exit", "exit"]);
    expect(ends(rig, "hungry[n=0]")).toEqual(["oom (oom)", "ok"]);
    expect(["1", "2"].map((attempt) => rig.read(`memory-hungry-${attempt}`).trim())).toEqual(["96", "287"]);
    expect(ends(rig, "slow[n=0]")).toEqual(["timeout", "ok"]);
    expect(ends(rig, "bad[n=0]")).toEqual(["validation"]);
    expect(rig.accepted()).toMatchObject({ "after[n=0]": 1, "after[n=1]": 1 });
    expect(rig.state().jobs.has("after[n=2]")).toBe(false);
    const [first, second] = rig.state().jobs.get("plain[n=1]")!.attempts;
    expect(second!.startedAt! - first!.end!.at).toBeGreaterThan(1000);
    expect([...rig.state().runs.values()].map(({ end }) => [end?.outcome, end?.done, end?.failed])).toEqual([["failures", 6, 2]]); // prettier-ignore
    const plan = await rig.cmc(["plan"]);
    expect(plan.out).toContain("0 retry, 0 adopt, 3 blocked");
  });

  it.concurrent.each([
    ["a node that goes down", "frail", "node_fail"],
    ["preemption", "low", "preempted"],
    ["scontrol requeue", "main", "requeued"],
  ])("%s costs no attempt: SLURM starts the task again, and its worker goes on", async (_, partition, scheduler) => {
    const rig = rigFor(`again-${partition}`, stage("job", 2, "retry: { attempts: 1 }"), '[ "$CMC_ATTEMPT" = 2 ] || [ "$CMC_KEY" = "job[n=1]" ] || sleep 50\n', site(partition).replace("packTo: 1m", "packTo: 2m")); // prettier-ignore
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    await begun(rig);
    if (partition === "frail") await cluster.node("node4").down();
    if (partition === "low") await cluster.submit("sleep 1", ["-p", "high", "--exclusive"]);
    if (partition === "main") await cluster.output(["scontrol", "requeue", `${jobId(rig)}_0`]);
    await until("it is queued again", async () => (await rig.tick()).out.includes("2 queued"), { seconds: 30 });
    if (partition === "frail") await cluster.node("node4").up();
    expect(ends(rig, "job[n=0]")[0]).toMatch(/lost|cancelled/);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran()).toEqual(["job[n=0] 1", "job[n=0] 2", "job[n=1] 1"]);
    expect(ends(rig, "job[n=0]")[1]).toBe("ok");
    expect(rig.state().submissions.size).toBe(1);
    if (ends(rig, "job[n=0]")[0] !== "cancelled") expect(ends(rig, "job[n=0]")[0]).toBe(`lost (${scheduler})`);
  });

  it.concurrent("what a person cancels is held until a person says retry", async () => {
    const rig = rigFor("cancelled", stage("job", 2, "retry: { attempts: 1 }"), "sleep 50\n");
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    await until("both run", () => rig.ran().length === 2, { seconds: 60 });
    const id = jobId(rig);
    await cluster.output(["scancel", `${id}_0`]);
    await until("it is held", async () => (await rig.tick()).out.includes("1 failed"), { seconds: 30 });
    for (let i = 0; i < 2; i++) expect((await rig.tick()).out).toContain("1 running, 1 failed");
    expect(rig.ran()).toHaveLength(2);
    // Held by itself while its neighbour runs on, and let go without it.
    const plan = await rig.cmc(["plan"]);
    expect(plan.out).toContain("cancelled in the queue");
    rig.write("behave.sh", "true\n");
    expect((await rig.cmc(["retry", "job[n=0]", "--because", "by mistake"])).out).toContain("Will be retried");
    await until("it is done", async () => (await rig.tick()).out.includes("1 done"), { seconds: 30 });
    expect(ends(rig, "job[n=0]").at(-1)).toBe("ok");
    expect(ends(rig, "job[n=1]")).toEqual([undefined]);
    await cluster.output(["scancel", `${id}_1`]);
    expect(await rig.finish()).toMatchObject({ code: 9 });
  });

  it.concurrent("what cannot be started is held with the reason", async () => {
    const rig = rigFor("unwritable", stage("job", 1), "true\n");
    rig.wrap("sbatch", `rm -rf "${rig.root}/logs" && touch "${rig.root}/logs" && exec $REAL "$@"`);
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(await rig.finish()).toMatchObject({ code: 9 });
    expect(rig.state().jobs.get("job[n=0]")?.held?.reason).toContain("launch_failure");

    const nodeless = rigFor("nodeless", stage("job", 1), "true\n");
    nodeless.edit("site.yaml", process.execPath, "/nonexistent/node");
    expect(await nodeless.apply()).toMatchObject({ code: 0, err: "" });
    expect(await nodeless.finish()).toMatchObject({ code: 9 });
    const reason = nodeless.state().jobs.get("job[n=0]")!.held!.reason;
    expect(reason).toMatch(/^SLURM could not start its worker \(failed on node\d\); see logs\/job-\S+\.slurm$/);
    expect(nodeless.read(`runs/nodeless_v1.0/${/logs\/\S+/.exec(reason)![0]}`)).toContain("/nonexistent/node");
    expect(nodeless.ran()).toEqual([]);
    // Mended, and asked for again.
    nodeless.edit("site.yaml", "/nonexistent/node", process.execPath);
    expect((await nodeless.cmc(["retry", "--because", "mended"])).out).toContain("Will be retried");
    expect(await nodeless.apply()).toMatchObject({ code: 0, err: "" });
    expect(await nodeless.finish()).toMatchObject({ code: 0 });
  });

  it.concurrent("what SLURM refuses is held, and told", async () => {
    const rig = rigFor("refused", stage("job", 1), "true\n", site("nowhere"));
    const applied = await rig.apply();
    expect(applied.code).toBe(9);
    expect(applied.out).toContain("ALERT slurm/refused: job: ");
    expect(applied.out).toContain("invalid partition specified: nowhere");
    expect(await rig.finish()).toMatchObject({ code: 9 });
    expect((await rig.cmc(["plan"])).out).toContain("SLURM refused it");
  });
});
