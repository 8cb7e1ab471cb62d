// The end of a cluster: its jobs, its daemons, its folder; and of clusters whose tests were killed. Never a process of anybody else.
// @ts-check
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { endJobProcesses } from "./leftovers.mjs";
import { clusterFolders } from "./place.mjs";
import { end, isAlive, recorded } from "./processes.mjs";

/** @import { Recorded } from "./types.ts" */

/** @param {number} count */
export const nodeNames = (count) => Array.from({ length: count }, (_, index) => `node${index + 1}`);

/** @param {string} dir @returns {Recorded | undefined} undefined: no cluster, or one that is just being made */
export function readCluster(dir) {
  try {
    return JSON.parse(readFileSync(`${dir}/cluster.json`, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * With `keep`, in the order in which each can save what it has: jobs that wait go on later, those that run are lost as in a power failure.
 * @param {Recorded} cluster
 * @param {{ readonly keep?: boolean }} [options]
 */
export async function stopCluster({ dir, options, database }, { keep = false } = {}) {
  const of = (/** @type {readonly string[]} */ names) => names.map((name) => recorded(dir, name));
  const how = keep ? "SIGTERM" : "SIGKILL";
  await end(of(["slurmctld"]), how, 60);
  await end(of(nodeNames(options.nodes)), "SIGKILL");
  await endJobProcesses(dir);
  await end(of(["slurmdbd"]), how);
  await end(of(["mariadbd"]), how, 60);
  await end(of(["munged"]), how);
  if (keep) return;
  for (const folder of [database, dir])
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Tests that were killed cannot stop their clusters: the next one does. */
export async function sweep() {
  for (const dir of clusterFolders()) {
    const found = readCluster(dir);
    if (!found?.owner || isAlive(found.owner)) continue;
    const claim = `${dir}/swept`;
    try {
      writeFileSync(claim, "", { flag: "wx" });
    } catch {
      continue; // somebody else does it
    }
    // Meanwhile it may have been swept, and another have got its folder.
    const still = readCluster(dir);
    if (still?.owner?.pid === found.owner.pid && still.owner.start === found.owner.start) await stopCluster(still);
    else if (existsSync(claim)) rmSync(claim);
  }
}
