// A real SLURM cluster on 127.0.0.1 for tests: the order in which it starts, and the handle that tests get. Not how each part works.
// @ts-check
import { copyFileSync, existsSync, realpathSync, writeFileSync } from "node:fs";
import { accountsOf } from "./accounts.mjs";
import { clusterEnv, output, run } from "./commands.mjs";
import { CGROUP_CONF, PARTITIONS, slurmConf } from "./conf.mjs";
import { controllerReady, launchController, launchNode, nodeReady, startMunge } from "./daemons.mjs";
import { databaseFolder, startDatabase, startSlurmdbd, stopSlurmdbd } from "./database.mjs";
import { jobsOf } from "./jobs.mjs";
import { endJobProcesses } from "./leftovers.mjs";
import { findNetwork } from "./network.mjs";
import { whyNoCluster } from "./packages.mjs";
import { MAX_NODES, reservePlace } from "./place.mjs";
import { end, pin, recorded, signal } from "./processes.mjs";
import { nodeNames, readCluster, stopCluster, sweep } from "./stop.mjs";

/** @import { Cluster, ClusterOptions, Recorded } from "./types.ts" */

/**
 * Returns when every node takes jobs.
 * @param {ClusterOptions} [options]
 * @returns {Promise<Cluster>}
 */
export async function startCluster(options = {}) {
  const cluster = options.dir === undefined ? await newCluster(options) : oldCluster(options.dir, options.detached);
  try {
    await bringUp(cluster);
  } catch (error) {
    // The folder of a cluster that was there before is not ours to remove.
    await stopCluster(cluster, { keep: options.dir !== undefined });
    throw error;
  }
  return handle(cluster);
}

/** @param {ClusterOptions} options @returns {Promise<Recorded>} */
async function newCluster({ dir: _, detached = false, ...given }) {
  const options = {
    nodes: 3,
    cpus: 8,
    memory: 8000,
    nodeConf: "",
    partitions: PARTITIONS,
    accounting: true,
    enforce: "associations,limits,qos",
    extraConf: [],
    ...given,
    detached,
  };
  if (options.nodes > MAX_NODES) throw new Error(`at most ${MAX_NODES} nodes`);
  const reason = whyNoCluster(options.accounting);
  if (reason !== undefined) throw new Error(`no cluster here: ${reason}`);
  await sweep();
  const place = await reservePlace(options.nodes);
  const database = options.accounting ? databaseFolder(place.dir) : undefined;
  return record({ ...place, options, network: await findNetwork(), database, owner: ownerOf(detached) });
}

/** @param {string} dir @param {boolean | undefined} detached @returns {Recorded} */
function oldCluster(dir, detached) {
  const found = existsSync(dir) ? readCluster(realpathSync(dir)) : undefined;
  if (!found) throw new Error(`no cluster was started in ${dir}`);
  return record({ ...found, owner: ownerOf(detached ?? found.options.detached) });
}

/** @param {boolean} detached */
const ownerOf = (detached) => (detached ? undefined : pin(process.pid));

/** @param {Recorded} cluster */
function record(cluster) {
  const { dir } = cluster;
  writeFileSync(`${dir}/cluster.json`, JSON.stringify(cluster, null, 2));
  writeFileSync(`${dir}/etc/slurm.conf`, slurmConf(cluster));
  writeFileSync(`${dir}/etc/cgroup.conf`, CGROUP_CONF);
  writeFileSync(
    `${dir}/env.sh`,
    `export SLURM_CONF=${dir}/etc/slurm.conf\nunset SLURM_JOB_ID SLURM_JOBID SLURM_CLUSTERS\n`,
  );
  copyFileSync(`${import.meta.dirname}/oom.py`, `${dir}/bin/oom`);
  return cluster;
}

/** Each step leaves alone what is alive. @param {Recorded} cluster */
async function bringUp(cluster) {
  const { database } = cluster;
  await Promise.all([
    startMunge(cluster),
    database === undefined ? undefined : startDatabase({ ...cluster, database }),
  ]);
  if (database !== undefined) await startSlurmdbd({ ...cluster, database });
  const nodes = nodeNames(cluster.options.nodes);
  launchController(cluster);
  for (const node of nodes) launchNode(cluster, node);
  await controllerReady(cluster);
  for (const node of nodes) await nodeReady(cluster, node);
}

/** @param {Recorded} cluster @returns {Cluster} */
function handle(cluster) {
  const { dir } = cluster;
  const env = clusterEnv(dir);
  const nodes = nodeNames(cluster.options.nodes);
  const controller = () => recorded(dir, "slurmctld");
  const database = () => {
    if (cluster.database === undefined) throw new Error("this cluster has no accounting");
    return { ...cluster, database: cluster.database };
  };
  return {
    dir,
    nodes,
    env,
    oom: `${dir}/bin/oom`,
    run: (argv, options) => run(argv, { env, ...options }),
    output: (argv, options) => output(argv, { env, ...options }),
    ...jobsOf(cluster, env),
    ...accountsOf(env),
    controller: {
      stop: () => signal(controller(), "SIGSTOP"),
      cont: () => signal(controller(), "SIGCONT"),
      kill: () => end([controller()], "SIGKILL"),
      restart: async () => {
        await end([controller()], "SIGTERM", 60);
        launchController(cluster);
        await controllerReady(cluster);
      },
    },
    accounting: { stop: () => stopSlurmdbd(database()), start: () => startSlurmdbd(database()) },
    node: (name) => nodeOf(cluster, env, name),
    stop: (options) => stopCluster(cluster, options),
  };
}

/** @param {Recorded} cluster @param {Record<string, string>} env @param {string} name @returns {import("./types.ts").ClusterNode} */
function nodeOf(cluster, env, name) {
  const update = ["scontrol", "update", `nodename=${name}`];
  return {
    kill: async () => {
      await end([recorded(cluster.dir, name)], "SIGKILL");
      await endJobProcesses(cluster.dir, name);
    },
    down: async (reason = "test") => {
      await output([...update, "state=DOWN", `reason=${reason}`], { env });
    },
    up: async () => {
      launchNode(cluster, name);
      // Refused for a node that is up, or comes up at this moment.
      await run([...update, "state=RESUME"], { env });
      await nodeReady(cluster, name);
    },
  };
}
