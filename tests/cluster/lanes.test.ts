// Limits of a queue that others share: what does not fit waits and is submitted later; lanes are filled in their order up to their caps.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const SITE = `
resources: { walltime: 1m, memory: 100 MB }
packTo: 1m
pool: { when: never }
`;
const STAGES = `export const only = defineStage({ name: "only", matrix: [axis.range("n", { count: 6 })] }, { outputs: { out: file(({ n }) => \`\${n}.txt\`) } }, { run: command(${RUN}) });`;
const ONCE = [0, 1, 2, 3, 4, 5].map((n) => `only[n=${n}] 1`);

let cluster: Cluster;
let rig: ClusterRig;

/** Tasks by lane, in the order of submission. */
const submitted = () =>
  [...rig.state().submissions.values()].filter(({ refused }) => !refused).map(({ intended }) => [intended!.lane, intended!.tasks]); // prettier-ignore

describe.skipIf(!hasCluster())("a queue that is shared", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, cpus: 8 });
    await cluster.qos("small", { MaxSubmitJobsPerUser: 6 });
    await cluster.qos("tiny", { MaxSubmitJobsPerUser: 4 });
    await cluster.qos("premium", { MaxSubmitJobsPerUser: 3 });
  });
  afterAll(() => cluster?.stop());
  afterEach(() => rig.dispose());

  it("a cap that nobody told cmc of is a wait, and no error", async () => {
    const foreign = await cluster.submit("sleep 100", ["--qos=small", "--array=0-5"]);
    rig = clusterRig(cluster, "capped", STAGES, `${SITE}queue: { qos: small }\nlimits: { visibility: 1s }\n`);
    const applied = await rig.apply();
    expect(applied).toMatchObject({ code: 0, err: "" });
    expect(applied.out).toContain("6 tasks waiting for room in the queue");
    expect(await rig.tick()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran()).toEqual([]);
    await cluster.output(["scancel", foreign]);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran().toSorted()).toEqual(ONCE);
  });

  it("an array that is larger than what a user may ever submit goes in parts", async () => {
    rig = clusterRig(cluster, "parts", STAGES, `${SITE}queue: { qos: tiny }\nlimits: { visibility: 1s, maxWalltime: 3m }\n`); // prettier-ignore
    const applied = await rig.apply();
    expect(applied).toMatchObject({ code: 0, err: "" });
    expect(applied.out).toContain("3 tasks waiting for room in the queue");
    expect(submitted()).toEqual([[undefined, 3]]);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    expect(rig.ran().toSorted()).toEqual(ONCE);
  });

  it("a cap that it knows of is filled up, beside foreign jobs, and topped up when there is room", async () => {
    const foreign = await cluster.submit("sleep 100", ["--qos=small"]);
    rig = clusterRig(cluster, "topped", STAGES, `${SITE}lanes: [{ name: small, qos: small, cap: 6 }]\nlimits: { visibility: 1s, maxWalltime: 3m }\n`); // prettier-ignore
    expect((await rig.apply()).out).toContain("1 tasks waiting for room in the queue");
    expect(submitted()).toEqual([["small", 5]]);
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    await cluster.output(["scancel", foreign]);
    expect(rig.ran().toSorted()).toEqual(ONCE);
  });

  it("lanes are filled in their order", async () => {
    const foreign = await cluster.submit("sleep 100", ["--qos=premium"]);
    rig = clusterRig(cluster, "lanes", STAGES, `${SITE}lanes: [{ name: fast, qos: premium, cap: 3 }, { name: rest, partition: low }]\nlimits: { visibility: 1s }\n`); // prettier-ignore
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(submitted().toSorted()).toEqual([["fast", 2], ["rest", 4]]); // prettier-ignore
    expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
    await cluster.output(["scancel", foreign]);
    expect(rig.ran().toSorted()).toEqual(ONCE);
  });
});
