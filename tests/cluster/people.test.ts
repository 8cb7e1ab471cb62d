// The people's side of a run on a real cluster: status, logs and explain while it goes, jobs taken back in part and as a whole, and released again.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { until } from "./cluster/processes.mjs";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

/** Two jobs of a minute in a task. */
const SITE = `
resources: { walltime: 1m, memory: 100 MB }
packTo: 2m
pool: { when: never }
limits: { visibility: 1s }
`;
const STAGES = `
const n = axis.range("n", { count: 12 });
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}.txt\`) } }, { run: command(${RUN}) });
export const second = defineStage({ name: "second", matrix: [n] }, { inputs: { from: first.outputs.out.each() }, outputs: { out: file(({ n }) => \`second/\${n}.txt\`) } }, { run: command(${RUN}) });
`;

let cluster: Cluster;
const rigs: ClusterRig[] = [];

/** Applied, its first tasks running a job that says hello and waits; `go` lets all jobs pass. */
async function started(name: string): Promise<ClusterRig & { readonly go: () => void }> {
  const rig = clusterRig(cluster, name, STAGES, SITE);
  rigs.push(rig);
  rig.write("behave.sh", 'echo "hello $CMC_KEY"; while [ ! -e "$CMC_CAMPAIGN_DIR/go" ]; do sleep 0.1; done\n');
  expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
  await until("four tasks run", () => rig.ran().length === 4, { seconds: 30 });
  return { ...rig, go: () => rig.write("go", "") };
}

const flat = (text: string) => text.replace(/\s+/g, " ");
const queue = async () => (await cluster.output(["squeue", "--noheader", "--array", "--format=%K %T"])).split("\n").filter(Boolean).sort(); // prettier-ignore

describe.skipIf(!hasCluster())("people and a run on a cluster", () => {
  beforeAll(async () => {
    // Four tasks at a time.
    cluster = await startCluster({ nodes: 2, cpus: 2 });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it("see what runs and what is queued, and why", async () => {
    const rig = await started("seen");
    await rig.tick();
    const { out } = await rig.cmc(["status"]);
    expect(out).not.toMatch(/WARNING|killed/);
    expect(out).toMatch(/first .* 0\/12 {2}4 running, 8 queued\n/);
    expect(flat(out)).toMatch(/4 queued: (Resources|Priority|Resources,Priority) /);
    expect(out).toContain("4 queued: its array task is running");
    const begun = rig.ran()[0]!.split(" ")[0]!;
    expect(await rig.cmc(["logs", begun])).toMatchObject({ code: 0, out: `hello ${begun}\n`, err: "" });
    expect(flat((await rig.cmc(["explain", begun])).out)).toMatch(/progress running in SLURM job \d+, task \d \(submission first-/); // prettier-ignore
    expect((await rig.cmc(["logs", "first[n=11]"])).err).toMatch(/remedy: It is queued in SLURM job \d+, task 5/);
    rig.go();
    expect(await rig.finish()).toMatchObject({ code: 0 });
    // The range of an attempt that has ended, in a log that two jobs share.
    for (const key of ["first[n=0]", "first[n=1]"]) expect((await rig.cmc(["logs", key])).out).toBe(`hello ${key}\n`);
    expect((await rig.cmc(["status"])).out).toMatch(/Last apply: \S+ by \S+, done\n/);
  });

  it("take some jobs back, and release some of them again", async () => {
    const rig = await started("part");
    const cancelled = await rig.cmc([
      "cancel",
      "--stage",
      "first",
      "--where",
      "n=0..2|10..11",
      "--because",
      "wrong seed",
    ]);
    expect(cancelled).toMatchObject({ code: 0, err: "" });
    expect(cancelled.out).toMatch(/SLURM job \d+, tasks 0,5: gone from the queue\n/);
    expect(flat(cancelled.out)).toContain("1 selected job shares its task with jobs that are not selected");
    expect((await queue()).map((line) => line[0])).toEqual(["1", "2", "3", "4"]);
    await rig.tick();
    const { out } = await rig.cmc(["status"]);
    expect(out).toMatch(/4 held: cancelled by \S+: wrong seed\n/);
    // Ended by cmc, so that nobody but the person holds them, and it costs no try.
    expect(rig.state().jobs.get("first[n=0]")).toMatchObject({ counted: 0, held: { reason: expect.stringMatching(/^cancelled by .*: wrong seed$/) as string } }); // prettier-ignore
    const released = await rig.cmc(["retry", "first[n=0]", "first[n=11]", "--because", "it was right"]);
    expect(released).toMatchObject({ code: 0, out: "Will be retried by the next tick: 2 jobs, first[n=0] and 1 other.\n" }); // prettier-ignore
    rig.go();
    const ended = await rig.finish();
    expect(ended.out).toMatch(/20 done, 2 failed, 2 blocked, run \S+ ended: failures\n/);
    const accepted = rig.accepted();
    expect(Object.keys(accepted).filter((key) => accepted[key] === 1)).toHaveLength(20);
    expect(rig.ran().filter((line) => line.startsWith("first[n=1]") || line.startsWith("first[n=10]"))).toEqual([]);
    // The job that shared its task was held, too, and ran to its end: what is done is done.
    expect(accepted["first[n=2]"]).toBe(1);
    const again = await rig.cmc(["retry", "--because", "all of it"]);
    expect(again.out).toMatch(/^Will be retried by the next apply: 2 jobs/);
    expect(await rig.apply()).toMatchObject({ code: 0 });
    expect((await rig.finish()).out).toMatch(/ended: done\n$/);
    expect(Object.values(rig.accepted()).every((count) => count === 1)).toBe(true);
  });

  it("take shared tasks as a whole: neighbours that were not meant run again", async () => {
    const rig = await started("whole");
    const cancelled = await rig.cmc(["cancel", "first[n=0]", "--whole-tasks"]);
    expect(flat(cancelled.out)).toContain("1 job not selected shares these tasks: the next tick submits it again.");
    rig.go();
    expect((await rig.finish()).out).toMatch(/22 done, 1 failed, 1 blocked, run \S+ ended: failures\n/);
    expect(rig.accepted()["first[n=1]"]).toBe(1);
  });

  it("take everything back: the queue is empty, and the run ends", async () => {
    const rig = await started("all");
    const cancelled = await rig.cmc(["cancel", "--because", "stop"]);
    expect(cancelled).toMatchObject({ code: 0 });
    expect(cancelled.out).toMatch(/SLURM job \d+, all that is left: gone from the queue\n/);
    expect(await queue()).toEqual([]);
    expect((await rig.finish()).out).toMatch(/^0 done, 24 failed, run \S+ ended: cancelled\n/);
    const { out } = await rig.cmc(["status"]);
    expect(out).toMatch(/24: cancelled by \S+: stop\n/);
    expect(out).toMatch(/Last apply: \S+ by \S+, cancelled/);
    expect(rig.ran()).toHaveLength(4);
    expect((await rig.cmc(["cancel"])).out).toBe("Nothing is running.\n");
  });
});
