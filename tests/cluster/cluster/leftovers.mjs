// The processes of jobs: slurmstepd and what it has started. They are no daemons, so nobody has recorded them; each is recognised as this cluster's own.
// @ts-check
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { end, parentOf, pin } from "./processes.mjs";

/** @import { Pinned } from "./types.ts" */

/** @param {number} pid @param {string} file */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** @param {{ readonly pid: number }} process_ */
const isStepDaemon = ({ pid }) => read(pid, "comm").trim() === "slurmstepd";

/** slurmstepd clears its environment, but keeps its node's log open. @param {number} pid @param {(log: string) => boolean} isLog */
function isStep(pid, isLog) {
  if (!isStepDaemon({ pid })) return false;
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    return files.some(isLog);
  } catch {
    return false;
  }
}

/**
 * Step daemons, their descendants, and processes that have left them: those carry what slurmd has put into their environment.
 * @param {string} dir @param {string} [node] default: of all nodes
 * @returns {Pinned[]}
 */
export function jobProcesses(dir, node) {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const isLog = (/** @type {string} */ file) =>
    node === undefined ? file.startsWith(`${dir}/log/node`) : file === `${dir}/log/${node}.log`;
  const isOurs = (/** @type {string[]} */ variables) =>
    variables.includes(`SLURM_CONF=${dir}/etc/slurm.conf`) &&
    variables.some((one) =>
      node === undefined ? one.startsWith("SLURMD_NODENAME=") : one === `SLURMD_NODENAME=${node}`,
    );
  const found = new Set(pids.filter((pid) => isStep(pid, isLog) || isOurs(read(pid, "environ").split("\0"))));
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  // A child has mostly, not always, the higher pid.
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found].map(pin).filter((one) => one !== undefined);
}

/**
 * Step daemons first: nobody must be left to report how a job ended. Again until nobody is left who could start another.
 * @param {string} dir @param {string} [node]
 */
export async function endJobProcesses(dir, node) {
  for (let pass = 0; pass < 20; pass++) {
    const left = jobProcesses(dir, node);
    if (left.length === 0) return;
    await end(left.filter(isStepDaemon), "SIGKILL", 2);
    await end(left, "SIGKILL", 2);
  }
  throw new Error(`processes of jobs do not end: ${JSON.stringify(jobProcesses(dir, node))}`);
}
