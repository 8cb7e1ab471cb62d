// A campaign as arrays: packed, submitted in as many turns as the queue's limits ask for, stage after stage, each job once.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { query } from "../helpers/database.ts";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const SITE = `
resources: { walltime: 1m, memory: 100 MB }
packTo: 5m
pool: { when: never }
limits: { visibility: 1s }
`;

/** `first` element by element into `second`, all of it into `last`. */
const STAGES = `
const n = axis.range("n", { count: 20 });
const options = { retry: { attempts: 1 } } as const;
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}.txt\`) } }, { run: command(${RUN}), ...options });
export const second = defineStage({ name: "second", matrix: [n] }, { inputs: { from: first.outputs.out.each() }, outputs: { out: file(({ n }) => \`second/\${n}.txt\`) } }, { run: command(${RUN}), ...options });
export const last = defineStage({ name: "last", matrix: [] }, { inputs: { from: second.outputs.out.all("n") }, outputs: { out: file(() => "last.txt") } }, { run: command(${RUN}), ...options });
`;

let cluster: Cluster;
const rigs: ClusterRig[] = [];
const rigFor = (name: string, stages: string, site: string) => {
  const rig = clusterRig(cluster, name, stages, site);
  rigs.push(rig);
  return rig;
};

describe.skipIf(!hasCluster())("a campaign as arrays", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 3, cpus: 8 });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it("goes through its stages by ticks alone, and does nothing twice", async () => {
    const rig = rigFor("stages", STAGES, SITE);
    const applied = await rig.apply();
    expect(applied).toMatchObject({ code: 0, err: "" });
    const ended = await rig.finish();
    expect(ended.out).toMatch(/41 done, run \S+ ended: done\n$/);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(rig.ran().map((line) => line.replace(/ 1$/, "")).sort()).toEqual(Object.keys(rig.accepted()).sort()); // prettier-ignore
    expect(new Set(Object.values(rig.accepted()))).toEqual(new Set([1]));
    expect(rig.ran()).toHaveLength(41);
    // 20 jobs of a minute, five in each task.
    const { submissions } = rig.state();
    expect([...submissions.values()][0]?.intended).toMatchObject({ tasks: 4, jobs: 20 });
    expect([...submissions.values()].every(({ over }) => over)).toBe(true);
    expect((await rig.cmc(["plan"])).out).toContain("No changes");
    const rows = await query(`${rig.root}/metadata/campaign.db`, "SELECT stage, state, count(*) FROM jobs GROUP BY 1, 2 ORDER BY 1"); // prettier-ignore
    expect(rows).toEqual([["first", "done", 20], ["last", "done", 1], ["second", "done", 20]]); // prettier-ignore
    expect(await rig.tick()).toMatchObject({ code: 0, out: "nothing in progress\n" });
  });

  // Tasks cannot be packed tighter: a job and its grace are all the time there is.
  it("submits what the queue takes, and the rest in later turns", async () => {
    const site = SITE.replace("packTo: 5m", "packTo: 1m").replace(
      "visibility: 1s",
      "visibility: 1s, maxArraySize: 3, maxSubmit: 8, maxWalltime: 3m",
    );
    const stages = ["a", "b", "c"].map((name) => `export const ${name} = defineStage({ name: "${name}", matrix: [axis.range("n", { count: 10 })] }, { outputs: { out: file(({ n }) => \`${name}/\${n}.txt\`) } }, { run: command(${RUN}) });`).join("\n"); // prettier-ignore
    const rig = rigFor("turns", stages, site);
    const applied = await rig.apply();
    expect(applied).toMatchObject({ code: 0, err: "" });
    const first = [...rig.state().submissions.values()].map(({ intended }) => intended!.tasks);
    expect(first.every((tasks) => tasks <= 3)).toBe(true);
    expect(first.reduce((sum, tasks) => sum + tasks, 0)).toBe(8);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran().toSorted()).toEqual(["a", "b", "c"].flatMap((name) => Array.from({ length: 10 }, (_, n) => `${name}[n=${n}] 1`)).toSorted()); // prettier-ignore
    expect((await rig.cmc(["plan"])).out).toContain("No changes");
  });
});
