// A controller that freezes or dies around a submission, and accounting that is away: jobs are found again or submitted anew, never both.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { recorded, until } from "./cluster/processes.mjs";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const SITE = `
resources: { walltime: 1m, memory: 100 MB }
packTo: 2m
pool: { when: never }
limits: { visibility: 1s, submitTimeout: 10s }
`;
const STAGES = `
export const only = defineStage({ name: "only", matrix: [axis.range("n", { count: 4 })] }, { outputs: { out: file(({ n }) => \`\${n}.txt\`) } }, { run: command(${RUN}) });
`;
const ONCE = [0, 1, 2, 3].map((n) => `only[n=${n}] 1`);
/** As if what has ended had been purged. */
const FORGETFUL = `set -o pipefail; $REAL "$@" | sed -E '/\\|(CANCELLED|COMPLETED|FAILED)\\|/d'`;

let cluster: Cluster;
let rig: ClusterRig;
const begin = (name: string) => {
  rig = clusterRig(cluster, name, STAGES, SITE);
};
const submissions = () => [...rig.state().submissions.values()];
const controller = () => recorded(cluster.dir, "slurmctld")!.pid;

describe.skipIf(!hasCluster())("around an outage", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, cpus: 8, extraConf: ["MessageTimeout=3", "TCPTimeout=1"] });
    await cluster.ended(await cluster.submit("true"));
  });
  afterAll(() => cluster?.stop());
  afterEach(() => {
    cluster.controller.cont();
    rig.dispose();
  });

  it("of a controller that freezes during sbatch, the job is found by its name and is the only one", async () => {
    begin("frozen");
    rig.wrap("sbatch", `kill -STOP ${controller()}; exec $REAL "$@"`);
    const applied = await rig.apply();
    expect(applied.err).toContain("Socket timed out");
    expect(applied.code).toBe(10);
    // Nobody knows: neither a tick nor another apply submits anything.
    expect(await rig.tick()).toMatchObject({ code: 10 });
    const plan = await rig.cmc(["plan"]);
    expect(plan.out).toContain("unresolved");
    cluster.controller.cont();
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran().toSorted()).toEqual(ONCE);
    expect(submissions()).toMatchObject([{ over: true, jobId: expect.any(Number) }]);
  });

  it("of a controller that dies after it said yes, the job is missed, and submitted again", async () => {
    begin("killed");
    rig.wrap("sbatch", `$REAL "$@" && kill -9 ${controller()}`);
    const applied = await rig.apply();
    expect(applied).toMatchObject({ code: 0, err: "" });
    const [lost] = submissions();
    expect(await rig.tick()).toMatchObject({ code: 10 });
    await cluster.controller.restart();
    rig.wrap("sbatch", 'exec $REAL "$@"');
    // Somebody else's jobs, one with its number.
    let id = 0;
    while (id < lost!.jobId!) id = Number(await cluster.submit("true"));
    expect(id).toBe(lost!.jobId);
    expect((await rig.tick()).out).toContain("4 unknown");
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(Object.values(rig.accepted())).toEqual([1, 1, 1, 1]);
    expect(rig.ran().toSorted()).toEqual(ONCE);
    expect(submissions()).toHaveLength(2);
  });

  it("of a controller that hears of a submission too late, nothing runs twice", async () => {
    begin("late");
    rig.wrap("sbatch", `kill -STOP ${controller()}; exec $REAL "$@"`);
    // Every answer is that the queue is empty: what was taken back turns up later.
    rig.wrap("squeue", "exit 0");
    rig.wrap("sacct", "exit 0");
    const applied = await rig.apply();
    expect(applied.code).toBe(10);
    rig.wrap("sbatch", "echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)' >&2; exit 1"); // prettier-ignore
    await sleep(3000);
    expect((await rig.tick()).code).toBe(10);
    expect(submissions()).toMatchObject([{ over: true }, { refused: { kind: "unreachable" } }]);
    cluster.controller.cont();
    for (const program of ["sbatch", "squeue", "sacct"]) rig.wrap(program, 'exec $REAL "$@"');
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran().toSorted()).toEqual(ONCE);
  });

  it("of accounting, what is not in the queue is unknown until accounting is back", async () => {
    begin("silent");
    rig.wrap("sbatch", 'exec $REAL --hold "$@"');
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    const jobId = submissions()[0]!.jobId!;
    rig.wrap("squeue", FORGETFUL);
    await cluster.output(["scancel", String(jobId)]);
    await cluster.accounting.stop();
    await sleep(5000);
    for (let i = 0; i < 2; i++) expect((await rig.tick()).out).toContain("4 unknown");
    await cluster.accounting.start();
    await until("accounting knows", async () => (await cluster.attempts(String(jobId))).some(({ state }) => state === "CANCELLED")); // prettier-ignore
    const ended = await rig.finish();
    expect(ended).toMatchObject({ code: 9 });
    expect(rig.ran()).toEqual([]);
    expect((await rig.cmc(["plan"])).out).toContain("held");
  });
});
