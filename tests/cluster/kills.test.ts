// Apply and tick are killed at every step of a turn, and a tick goes on: no job is lost, none begun twice. Needs no accounting.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finished } from "../helpers/cli.ts";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const SITE = `
resources: { walltime: 1m, memory: 100 MB }
packTo: 2m
pool: { when: never }
limits: { visibility: 1s }
`;
const STAGES = `
const n = axis.range("n", { count: 4 });
export const first = defineStage({ name: "first", matrix: [n] }, { outputs: { out: file(({ n }) => \`first/\${n}.txt\`) } }, { run: command(${RUN}) });
export const second = defineStage({ name: "second", matrix: [n] }, { inputs: { from: first.outputs.out.each() }, outputs: { out: file(({ n }) => \`second/\${n}.txt\`) } }, { run: command(${RUN}) });
`;
const ONCE = ["first", "second"].flatMap((name) => [0, 1, 2, 3].map((n) => `${name}[n=${n}] 1`)).sort();

const LEDGER = ["ledger/prepared", "ledger/intended", "ledger/submitted", "ledger/answered"];

let cluster: Cluster;
const rigs: ClusterRig[] = [];
const rigFor = (name: string, site = SITE) => {
  const rig = clusterRig(cluster, name.replace("/", "-"), STAGES, site);
  rigs.push(rig);
  return rig;
};

function expectKilled({ signal, err }: Finished, point: string): void {
  expect({ signal, err }).toEqual({ signal: "SIGKILL", err: `fault point ${point}\n` });
}

async function expectAllOnce(rig: ClusterRig): Promise<void> {
  expect(await rig.finish()).toMatchObject({ code: 0, err: "" });
  expect(rig.ran().toSorted()).toEqual(ONCE);
  expect(Object.values(rig.accepted())).toEqual(ONCE.map(() => 1));
  expect((await rig.cmc(["plan"])).out).toContain("No changes");
}

describe.skipIf(!hasCluster({ accounting: false }))("a turn that is killed", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, cpus: 16, accounting: false });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it.concurrent.each(["apply/handed-over", ...LEDGER])("in apply, at %s", async (point) => {
    const rig = rigFor(`apply-${point}`);
    expectKilled(await rig.apply({ CMC_FAULT: point }), point);
    await expectAllOnce(rig);
  });

  it.concurrent.each(["tick/locked", "turn/settled", ...LEDGER])("in a tick, at %s", async (point) => {
    const rig = rigFor(`tick-${point}`);
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    let ticked: Finished;
    do {
      await sleep(300);
      ticked = await rig.tick({ CMC_FAULT: point });
    } while (ticked.signal === null && !ticked.out.includes("ended"));
    expectKilled(ticked, point);
    await expectAllOnce(rig);
  });

  it.concurrent.each(["pool/adding", "pool/added", "pool/intended", "pool/submitted"])(
    "in apply, at %s",
    async (point) => {
      const site = SITE.replace("when: never", "when: always, walltime: 5m, idle: 3s, maxAllocations: 1");
      const rig = rigFor(`apply-${point}`, site);
      expectKilled(await rig.apply({ CMC_FAULT: point }), point);
      await expectAllOnce(rig);
    },
  );

  it.concurrent("two ticks at once: one takes the turn, the other says so", async () => {
    const rig = rigFor("two-ticks");
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    let busy = 0;
    for (;;) {
      const both = await Promise.all([rig.tick(), rig.tick(), rig.tick()]);
      for (const { code, err } of both) expect({ code, err }).toEqual({ code: 0, err: "" });
      busy += both.filter(({ out }) => out.includes("nothing to do here")).length;
      if (both.some(({ out }) => out.includes("ended: done"))) break;
    }
    expect(busy).toBeGreaterThan(0);
    await expectAllOnce(rig);
  });
});
