// The command line for developers: start a cluster that stays, list clusters, stop one. Tests use start.mjs.
//   node tests/cluster/cluster/main.mjs start [--nodes 4] [--cpus 16] [--memory 16000] [--no-accounting] [--conf LINE]... [DIR]
//   node tests/cluster/cluster/main.mjs list | stop DIR [--keep]
// @ts-check
import { parseArgs } from "node:util";
import { clusterFolders } from "./place.mjs";
import { isAlive, recorded } from "./processes.mjs";
import { startCluster } from "./start.mjs";
import { readCluster, stopCluster } from "./stop.mjs";

const USAGE =
  "usage: main.mjs start [--nodes N] [--cpus N] [--memory MB] [--no-accounting] [--conf LINE]... [DIR] | list | stop DIR [--keep]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: "string" },
    cpus: { type: "string" },
    memory: { type: "string" },
    "no-accounting": { type: "boolean" },
    conf: { type: "string", multiple: true },
    keep: { type: "boolean" },
  },
});
const [verb, dir] = positionals;

/** @param {"nodes" | "cpus" | "memory"} name @returns {Record<string, number>} */
const number = (name) => (values[name] === undefined ? {} : { [name]: Number(values[name]) });

async function start() {
  const begin = performance.now();
  const size = { ...number("nodes"), ...number("cpus"), ...number("memory") };
  const { conf: extraConf = [], "no-accounting": without = false } = values;
  const cluster = await startCluster({
    ...(dir ? { dir } : {}),
    ...size,
    accounting: !without,
    extraConf,
    detached: true,
  });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.error(`${cluster.nodes.length} nodes after ${seconds} s; to use it:  . ${cluster.dir}/env.sh`);
  console.log(cluster.dir);
}

async function stop() {
  const cluster = dir === undefined ? undefined : readCluster(dir);
  if (!cluster) throw new Error(`no cluster in ${dir ?? "(no folder given)"}; see list`);
  await stopCluster(cluster, { keep: values.keep ?? false });
}

function list() {
  for (const folder of clusterFolders()) {
    const cluster = readCluster(folder);
    if (!cluster) continue;
    const state = isAlive(recorded(folder, "slurmctld")) ? "up" : "down";
    const whose = cluster.owner ? `of process ${cluster.owner.pid}` : "detached";
    console.log(`${folder}  ${state}  ${cluster.options.nodes} nodes  ${whose}`);
  }
}

const verbs = { start, stop, list };
try {
  if (!verb || !Object.hasOwn(verbs, verb)) throw new Error(USAGE);
  await verbs[/** @type {keyof typeof verbs} */ (verb)]();
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
