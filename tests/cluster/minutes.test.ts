// What takes its minutes: the reference campaign on a cluster and here, number for number; a job that SLURM ends at the time limit.
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY } from "../helpers/cli.ts";
import { hasCluster } from "./available.ts";
import { startCluster } from "./cluster/start.mjs";
import type { Cluster } from "./cluster/types.ts";
import { clusterRig, type ClusterRig, RUN } from "./rig.ts";

let cluster: Cluster;
const rigs: ClusterRig[] = [];
const rigFor = (name: string, stages: string, site: string) => {
  const rig = clusterRig(cluster, name, stages, site);
  rigs.push(rig);
  return rig;
};

describe.skipIf(!hasCluster())("in minutes", () => {
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 3, cpus: 2 });
  });
  afterAll(async () => {
    await cluster?.stop();
    rigs.forEach((rig) => rig.dispose());
  });

  it.concurrent("roman-grs gives the covariance that it gives on this machine", { timeout: 400_000 }, async () => {
    const rig = rigFor("unused", "", "packTo: 2h\npool: { when: never }\nlimits: { visibility: 1s }\n");
    for (const name of ["here", "there"])
      cpSync(join(REPOSITORY, "campaigns/roman-grs"), join(rig.dir, name), { recursive: true });
    const here = rig.cmc(["apply", "here", "--auto-approve", "--allow-dirty", "--base", "here-runs"]);
    const there = ["there", "--base", "there-runs"];
    expect(await rig.cmc(["apply", ...there, "--auto-approve", "--allow-dirty", "--site", "site.yaml"])).toMatchObject({ code: 0, err: "" }); // prettier-ignore
    const watched = await rig.cmc(["watch", ...there, "--every", "2s"]);
    expect(watched).toMatchObject({ code: 0, err: "" });
    expect(watched.out).toMatch(/83 done, run \S+ ended: done\n$/);
    expect(await here).toMatchObject({ code: 0, err: "" });
    const numbers = (place: string) =>
      JSON.parse(readFileSync(join(rig.dir, place, "roman-grs_v1.0-demo/covariances/z1.100.json"), "utf8")) as unknown;
    expect(numbers("there-runs")).toEqual(numbers("here-runs"));
    expect((await rig.cmc(["plan", ...there])).out).toContain("No changes");
  });

  it.concurrent("a job whose allocation runs out of time gets more of it", { timeout: 200_000 }, async () => {
    const stages = `export const long = defineStage({ name: "long" }, { outputs: { out: file(() => "long.txt") } }, { run: command(${RUN}), resources: { walltime: "10m" }, retry: { attempts: 2, escalate: { timeout: { walltime: 2 } } } });`;
    // A worker that knew when its time is up would end the job itself.
    const rig = rigFor("long", stages, "pool: { when: never }\nsetup: [unset SLURM_JOB_END_TIME]\nresources: { memory: 100 MB }\nlimits: { visibility: 1s }\n"); // prettier-ignore
    rig.write("behave.sh", '[ "$CMC_ATTEMPT" = 2 ] || sleep 300\n');
    rig.wrap("sbatch", `echo "$@" >> ${rig.dir}/asked; exec $REAL "\${@/#--time=*/--time=1}"`);
    expect(await rig.apply()).toMatchObject({ code: 0, err: "" });
    expect(await rig.finish({}, 150)).toMatchObject({ code: 0, err: "" });
    const ends = rig
      .state()
      .jobs.get("long")!
      .attempts.map(({ end }) => [end?.class, end?.scheduler]);
    expect(ends).toEqual([["timeout", "timeout"], ["ok", undefined]]); // prettier-ignore
    // Ten minutes and the grace of two, then twice ten.
    const times = rig.read("asked").match(/--time=\S+/g);
    expect(times).toEqual(["--time=0-00:12:00", "--time=0-00:22:00"]);
  });
});
