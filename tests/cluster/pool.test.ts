// A campaign in a pool: allocations whose workers claim packs, of several stages, through lanes, until nothing is left. Losses are pool-losses.test.ts.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finished } from "../helpers/cli.ts";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const PARTITIONS = {
  main: "Nodes=node[1-2] Default=YES",
  // Room for one allocation of eight processors.
  narrow: "Nodes=node3",
  quick: "Nodes=node4",
  plain: "Nodes=node5",
};

/** Jobs of ten minutes by their own word: one a pack. */
const site = (more = "", limits = "") => `
resources: { walltime: 10m, memory: 200 MB }
limits: { visibility: 1s${limits} }
${more === "" ? "pool: { when: always, streams: 2, walltime: 1h, maxAllocations: 2, idle: 20s }" : more}
`;
const stage = (name: string, count: number, more = "") =>
  `export const ${name} = defineStage({ name: "${name}", matrix: [axis.range("n", { count: ${count} })] }, { outputs: { out: file(({ n }) => \`${name}/\${n}.txt\`) } }, { run: command(${RUN}), ${more} });\n`;
const CHAIN = `
const n = axis.range("n", { count: 5 });
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}.txt\`) } }, { run: command(${RUN}) });
export const second = defineStage({ name: "second", matrix: [n] }, { inputs: { from: first.outputs.out.each() }, outputs: { out: file(({ n }) => \`second/\${n}.txt\`) } }, { run: command(${RUN}) });
export const last = defineStage({ name: "last", matrix: [] }, { inputs: { from: second.outputs.out.all("n") }, outputs: { out: file(() => "last.txt") } }, { run: command(${RUN}) });
`;

let cluster: Cluster;
const rigs: ClusterRig[] = [];

function rigFor(name: string, stages: string, yaml = site(), behave = "true"): ClusterRig {
  const rig = clusterRig(cluster, name, stages, yaml);
  rigs.push(rig);
  rig.write("behave.sh", `${behave}\n`);
  return rig;
}

const intents = (rig: ClusterRig) => [...rig.state().submissions.values()].map(({ intended }) => intended!);
const ends = (rig: ClusterRig, key: string) =>
  rig
    .state()
    .jobs.get(key)!
    .attempts.map(({ end }) => end?.class);

/** Everything once, and nobody left: no pool, no allocation that waits, no plan. */
async function expectAllOnce(rig: ClusterRig, count: number): Promise<void> {
  expect(rig.ran().toSorted()).toEqual(Object.keys(rig.accepted()).map((key) => `${key} 1`).toSorted()); // prettier-ignore
  expect(rig.ran()).toHaveLength(count);
  expect(Object.values(rig.accepted())).toEqual(rig.ran().map(() => 1));
  await expectNobodyLeft(rig);
}

async function expectNobodyLeft(rig: ClusterRig): Promise<void> {
  expect(existsSync(`${rig.root}/pool`) && (await cluster.output(["ls", `${rig.root}/pool`]))).toBeFalsy();
  const names = [...rig.state().submissions.keys()].map((token) => `cmc-${token}`).join(",");
  expect(await cluster.output(["squeue", "-h", "-t", "PD,R", `--name=${names}`])).toBe("");
  expect((await rig.cmc(["plan"])).out).toContain("No changes");
}

describe.skipIf(!hasCluster())("a pool", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 5, cpus: 8, partitions: PARTITIONS });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it.concurrent("runs jobs of all stages as they become ready, in the same allocations", async () => {
    const rig = rigFor("stages", CHAIN);
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    await expectAllOnce(rig, 11);
    expect(intents(rig).map(({ mode }) => mode)).toEqual(["pool", "pool"]);
    const jobs = [...rig.state().jobs.values()];
    const hosts = (name: string) => jobs.filter(({ key }) => key.startsWith(name)).map(({ attempts }) => attempts[0]!.pid); // prettier-ignore
    expect(hosts("first")).toEqual(expect.arrayContaining(hosts("last")));
  });

  it.concurrent("cancels allocations that wait when nothing is left to do", async () => {
    const pool =
      "pool: { when: always, streams: 1, walltime: 1h, maxAllocations: 4, idle: 20s }\nqueue: { partition: narrow }\n";
    const rig = rigFor("closed", stage("job", 4, "resources: { cpus: 8 }"), site(pool));
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(intents(rig)).toHaveLength(4);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    await expectAllOnce(rig, 4);
    const ids = [...rig.state().submissions.values()].map(({ jobId }) => String(jobId));
    const states = (await Promise.all(ids.map((id) => cluster.ended(id)))).flat().map(({ state }) => state);
    expect(states.toSorted()).toEqual(["CANCELLED", "CANCELLED", "CANCELLED", "COMPLETED"]);
  });

  it.concurrent("fills lanes in their order, up to their targets and caps; jobs that are not ours count", async () => {
    await cluster.submit("sleep 20", ["-p", "quick"]);
    const pool =
      "pool: { when: always, streams: 1, walltime: 1h, maxAllocations: 8, idle: 20s }\nlanes: [{ name: quick, partition: quick, cap: 2 }, { name: plain, partition: plain, target: 3 }]\n";
    const rig = rigFor("lanes", stage("job", 8), site(pool), "sleep 1");
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(intents(rig).map(({ lane }) => lane)).toEqual(["quick", "plain", "plain", "plain"]);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    await expectAllOnce(rig, 8);
  });

  it.concurrent("gives a job that needs more memory an allocation of its own", async () => {
    const eat = `[ "$CMC_KEY" != 'job[n=0]' ] || '${process.execPath}' -e 'globalThis.held = Buffer.alloc(6e8, 1); setTimeout(() => {}, 4000)'`;
    const more =
      'resources: { memory: "500 MB" }, retry: { attempts: 2, backoff: { initial: "1s" }, escalate: { oom: { memory: 3 } } }';
    const rig = rigFor("oom", stage("job", 3, more), site(), eat);
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(ends(rig, "job[n=0]")).toEqual(["oom", "ok"]);
    expect(rig.ran()).toHaveLength(4);
    expect(intents(rig).filter(({ mode }) => mode === "array")).toMatchObject([{ tasks: 1, jobs: 1 }]);
    await expectNobodyLeft(rig);
  });

  it.concurrent("stops itself when nothing succeeds, says so, and goes on after a retry", async () => {
    const yaml = site("", ", failureRate: { most: 1 }").replace("streams: 2", "streams: 1").replace("maxAllocations: 2", "maxAllocations: 1"); // prettier-ignore
    const rig = rigFor("brake", stage("job", 25, "retry: { attempts: 1 }"), yaml, "exit 1");
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    let ticked: Finished;
    do {
      await sleep(500);
      ticked = await rig.tick();
    } while (!ticked.out.includes("ALERT"));
    expect(ticked.code).toBe(9);
    expect(ticked.out).toContain("too many failures in a row");
    expect(rig.ran()).toHaveLength(20);
    rig.write("behave.sh", "true\n");
    expect(await rig.cmc(["retry", "--because", "mended"])).toMatchObject({ code: 0 });
    expect(await rig.finish()).toMatchObject({ code: 0 });
    expect(new Set(Object.values(rig.accepted()))).toEqual(new Set([1]));
    await expectNobodyLeft(rig);
  });

  it.concurrent("submits no more when its workers cannot start", async () => {
    const rig = rigFor("vain", stage("job", 2), site().replace("maxAllocations: 2", "maxAllocations: 1"));
    rig.write("site.yaml", rig.read("site.yaml").replace(process.execPath, "/no/such/node"));
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    await expect(rig.finish({}, 30)).rejects.toThrow("ended without beginning a job");
    expect(intents(rig)).toHaveLength(5);
  });

  it.concurrent.each(["pool/adding", "pool/added", "pool/intended", "pool/submitted"])("survives a kill at %s", async (point) => {
    const rig = rigFor(point.replace("/", "-"), CHAIN);
    const killed = { signal: "SIGKILL", err: `fault point ${point}\n` };
    expect(await rig.apply({ CMC_FAULT: point })).toMatchObject(killed);
    expect(await rig.tick({ CMC_FAULT: `${point}:2` })).toBeDefined();
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    await expectAllOnce(rig, 11);
  }); // prettier-ignore
});
