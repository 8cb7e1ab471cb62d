// Commands run against a cluster: their environment, their user, their end. Not which commands.
// @ts-check
import { spawn, spawnSync } from "node:child_process";

/** @import { Ran, RunOptions } from "./types.ts" */

/** A caller that is itself a job would confuse sbatch; its user's settings would change what a test sees. */
const FOREIGN = /^(SLURM|SLURMD|SBATCH|SALLOC|SRUN|SQUEUE|SACCT|SCANCEL|SINFO|SCONTROL)_/;
const FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/**
 * @param {string} dir
 * @returns {Record<string, string>}
 */
export function clusterEnv(dir) {
  const own = Object.entries(process.env).filter(([name, value]) => value !== undefined && !FOREIGN.test(name));
  const path = (process.env["PATH"] ?? "").split(":").filter(Boolean);
  return {
    .../** @type {Record<string, string>} */ (Object.fromEntries(own)),
    SLURM_CONF: `${dir}/etc/slurm.conf`,
    PATH: [...path, ...FOLDERS.filter((folder) => !path.includes(folder))].join(":"),
  };
}

/** What a daemon gets: nothing of the caller's. @param {string} dir @returns {Record<string, string>} */
export function daemonEnv(dir) {
  return { SLURM_CONF: `${dir}/etc/slurm.conf`, PATH: FOLDERS.join(":"), LC_ALL: "C" };
}

/** @param {string} user */
function idsOf(user) {
  const id = (/** @type {string} */ flag) =>
    Number(spawnSync("id", [flag, user], { encoding: "utf8" }).stdout.trim() || NaN);
  const [uid, gid] = [id("-u"), id("-g")];
  if (Number.isNaN(uid)) throw new Error(`no user ${user} on this machine`);
  return { uid, gid };
}

/**
 * @param {readonly string[]} argv
 * @param {RunOptions} options
 * @returns {Promise<Ran>}
 */
export function run(argv, { input = "", cwd, env, user, timeout = 60 }) {
  const [program, ...args] = argv;
  const begin = performance.now();
  return new Promise((done, fail) => {
    const child = spawn(/** @type {string} */ (program), args, {
      cwd,
      env,
      timeout: timeout * 1000,
      killSignal: "SIGKILL",
      ...(user === undefined ? {} : idsOf(user)),
    });
    /** @type {Buffer[][]} */
    const [out, err] = [[], []];
    child.stdout.on("data", (chunk) => out?.push(chunk));
    child.stderr.on("data", (chunk) => err?.push(chunk));
    child.stdin.on("error", () => {}); // it did not read all of it
    child.on("error", fail);
    child.on("close", (status) => {
      const [stdout, stderr] = [out, err].map((chunks) => Buffer.concat(chunks ?? []).toString("utf8"));
      done({ status, stdout: stdout ?? "", stderr: stderr ?? "", seconds: (performance.now() - begin) / 1000 });
    });
    child.stdin.end(input);
  });
}

/** stdout, trimmed. @param {readonly string[]} argv @param {RunOptions} options */
export async function output(argv, options) {
  const { status, stdout, stderr } = await run(argv, options);
  if (status !== 0) throw new Error(`${argv.join(" ")} (exit ${status}): ${stderr.trim() || stdout.trim()}`);
  return stdout.trim();
}
