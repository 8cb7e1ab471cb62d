// A job that is warned before its time is up writes a checkpoint, gives way, and goes on from there in its next attempt: on a real cluster, by ticks.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCluster } from "./available.ts";
import { until } from "./cluster/processes.mjs";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

const SITE = "resources: { walltime: 10m }\npool: { when: never }\nlimits: { visibility: 1s }\n";
const STAGES = `
export const long = defineStage({ name: "long" }, { outputs: { out: file(() => "long.txt") } }, { run: command(${RUN}), checkpoint: { signal: "USR1", before: "2m", exit: 85 } });
`;
/** Counts to twenty, ten steps a life: told to stop it writes how far it is and gives way. */
const BEHAVE = `at=0; [ ! -f "$CMC_CHECKPOINT_DIR/at" ] || at=$(cat "$CMC_CHECKPOINT_DIR/at")
echo "from $at" >> "$CMC_CAMPAIGN_DIR/lives"
trap 'echo 10 > "$CMC_CHECKPOINT_DIR/at"; exit 85' USR1
while [ "$at" -lt 10 ]; do sleep 0.1; done
`;

let cluster: Cluster;
let rig: ClusterRig | undefined;

describe.skipIf(!hasCluster())("a checkpoint", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, cpus: 2 });
  });
  afterAll(async () => {
    await cluster?.stop();
    rig?.dispose();
  });

  it("is asked for, written, gone on from, and removed after the receipt; it costs no try", async () => {
    rig = clusterRig(cluster, "checkpoint", STAGES, SITE);
    rig.write("behave.sh", BEHAVE);
    rig.wrap("sbatch", `echo "$@" >> ${join(rig.dir, "asked")}; exec $REAL "$@"`);
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    // SLURM would send it by itself two minutes before the end.
    expect(readFileSync(join(rig.dir, "asked"), "utf8")).toContain(" --signal=B:USR1@120 ");
    await until("the job runs", () => existsSync(join(rig!.dir, "lives")), { seconds: 30 });
    const job = (await cluster.output(["squeue", "--noheader", "--states=running", "--format=%A"])).trim();
    await cluster.output(["scancel", "--signal=USR1", "--batch", job]);
    expect((await rig.finish()).out).toContain("ended: done");
    expect(readFileSync(join(rig.dir, "lives"), "utf8")).toBe("from 0\nfrom 10\n");
    const { attempts } = rig.state().jobs.get("long")!;
    expect(attempts.map(({ end }) => end?.class)).toEqual(["checkpoint", "ok"]);
    expect(readFileSync(join(rig.root, "long.txt"), "utf8")).toBe("long\n");
    expect(existsSync(join(rig.root, "checkpoints")) ? readdirSync(join(rig.root, "checkpoints")) : []).toEqual([]);
  });
});
