// munged, slurmctld and the slurmd of every node: how each is started, and when it is ready. Not the order (start.mjs).
// @ts-check
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { daemonEnv, run } from "./commands.mjs";
import { isAlive, launch, recorded, until } from "./processes.mjs";

/** @import { Recorded } from "./types.ts" */

/** @param {Recorded} cluster */
export async function startMunge({ dir }) {
  const env = daemonEnv(dir);
  const folder = `${dir}/munge`;
  if (!existsSync(`${folder}/key`)) writeFileSync(`${folder}/key`, randomBytes(1024), { mode: 0o400 });
  if (!isAlive(recorded(dir, "munged"))) {
    // Left by one that was killed, they would stop the next.
    for (const name of ["socket", "socket.lock"]) rmSync(`${folder}/${name}`, { force: true });
  }
  const files = [`--socket=${folder}/socket`, `--key-file=${folder}/key`, `--seed-file=${folder}/seed`];
  const logs = [`--pid-file=${folder}/pid`, `--log-file=${dir}/log/munged.log`];
  launch(dir, "munged", ["/usr/sbin/munged", "--foreground", "--force", ...files, ...logs, "--num-threads=4"], env);
  const answers = async () => (await run(["munge", "-S", `${folder}/socket`, "-n"], { env })).status === 0;
  await until("munge answers", answers, { dir, daemon: "munged" });
}

/**
 * Called slurmctld-wlm, slurmctld crashes at its start; and the plain names belong to whichever package took them.
 * @param {string} dir
 * @param {"slurmctld" | "slurmd" | "slurmstepd"} name
 */
function program(dir, name) {
  const link = `${dir}/bin/${name}`;
  if (!existsSync(link)) symlinkSync(`/usr/sbin/${name}-wlm`, link);
  return link;
}

/** @param {Recorded} cluster */
export function launchController({ dir, network }) {
  launch(dir, "slurmctld", [...network.prefix, program(dir, "slurmctld"), "-D"], daemonEnv(dir));
}

/** @param {Recorded} cluster */
export async function controllerReady({ dir, options }) {
  const env = daemonEnv(dir);
  const daemon = { dir, daemon: "slurmctld" };
  const answers = async () => (await run(["scontrol", "ping"], { env, timeout: 10 })).status === 0;
  await until("slurmctld answers", answers, daemon);
  if (!options.accounting) return;
  // Before it is registered, slurmdbd tells it nothing about new limits.
  const show = ["sacctmgr", "-n", "-P", "show", "cluster", "format=controlport"];
  const registered = async () => Number((await run(show, { env })).stdout) > 0;
  await until("slurmctld is registered with slurmdbd", registered, daemon);
}

/** @param {Recorded} cluster @param {string} name */
export function launchNode({ dir, network }, name) {
  mkdirSync(`${dir}/spool/${name}`, { recursive: true });
  const argv = [program(dir, "slurmd"), "-D", "-d", program(dir, "slurmstepd"), "-N", name];
  launch(dir, name, [...network.prefix, ...argv], daemonEnv(dir));
}

/** @param {Recorded} cluster @param {string} name */
export async function nodeReady({ dir }, name) {
  const env = daemonEnv(dir);
  const takesJobs = async () =>
    /^(idle|mix|alloc)$/m.test((await run(["sinfo", "-h", "-N", "-n", name, "-o", "%t"], { env, timeout: 10 })).stdout);
  await until(`${name} takes jobs`, takesJobs, { dir, daemon: name });
}
