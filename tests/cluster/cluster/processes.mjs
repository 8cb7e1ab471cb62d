// Processes as pid and start time: recorded, looked for, ended. Nothing here goes by a name. Not what the daemons do.
// @ts-check
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** @import { Pinned } from "./types.ts" */

/**
 * The fields after the command's name, which may hold blanks and brackets: state, parent ... A zombie counts as ended: some inits reap late.
 * @param {number} pid
 */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields;
  } catch {
    return undefined;
  }
}

/** @param {number} pid @returns {Pinned | undefined} undefined: no such process */
export function pin(pid) {
  const start = stat(pid)?.[19];
  return start === undefined ? undefined : { pid, start };
}

/** @param {number} pid @returns {number | undefined} */
export function parentOf(pid) {
  const parent = stat(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** @param {Pinned | undefined} process_ */
export function isAlive(process_) {
  return process_ !== undefined && pin(process_.pid)?.start === process_.start;
}

/** @param {Pinned | undefined} process_ @param {NodeJS.Signals} name */
export function signal(process_, name) {
  if (process_ === undefined || !isAlive(process_)) return;
  try {
    process.kill(process_.pid, name);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/**
 * Signals all of them and waits; those that stay get SIGKILL.
 * @param {readonly (Pinned | undefined)[]} processes @param {NodeJS.Signals} name @param {number} [seconds]
 */
export async function end(processes, name, seconds = 30) {
  for (const process_ of processes) signal(process_, name);
  // A stopped process takes no signal but this one.
  if (name !== "SIGKILL") for (const process_ of processes) signal(process_, "SIGCONT");
  for (const limit = Date.now() + seconds * 1000; processes.some(isAlive) && Date.now() < limit;) await sleep(10);
  if (name !== "SIGKILL" && processes.some(isAlive)) await end(processes, "SIGKILL", seconds);
}

/** Where a daemon's pid and start time are kept, in `dir`. @param {string} dir @param {string} name */
const recordOf = (dir, name) => `${dir}/pid/${name}.json`;

/** @param {string} dir @param {string} name @returns {Pinned | undefined} also of a process that has ended since */
export function recorded(dir, name) {
  try {
    return JSON.parse(readFileSync(recordOf(dir, name), "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Starts a daemon unless the recorded one lives: own session, output to log/NAME.out.
 * @param {string} dir @param {string} name @param {readonly string[]} argv @param {Record<string, string>} env
 */
export function launch(dir, name, argv, env) {
  if (isAlive(recorded(dir, name))) return;
  rmSync(recordOf(dir, name), { force: true });
  const out = openSync(`${dir}/log/${name}.out`, "a");
  const child = spawn(/** @type {string} */ (argv[0]), argv.slice(1), {
    cwd: dir,
    env,
    detached: true,
    stdio: ["ignore", out, out],
  });
  child.on("error", () => {}); // it has no pid then
  closeSync(out);
  child.unref();
  const started = child.pid === undefined ? undefined : pin(child.pid);
  if (!started) throw new Error(`${name} could not be started: ${argv.join(" ")}`);
  writeFileSync(recordOf(dir, name), JSON.stringify(started));
}

/**
 * Polls until `condition` holds; of a daemon that ended meanwhile, or after `seconds`, an error with the end of its logs.
 * @param {string} what @param {() => boolean | Promise<boolean>} condition
 * @param {{ seconds?: number, dir?: string, daemon?: string }} [options]
 */
export async function until(what, condition, { seconds = 60, dir, daemon } = {}) {
  for (const limit = Date.now() + seconds * 1000; ; await sleep(30)) {
    const alive = dir === undefined || daemon === undefined || isAlive(recorded(dir, daemon));
    if (await condition()) return;
    if (alive && Date.now() < limit) continue;
    const why = alive ? `waited ${seconds} s in vain: ${what}` : `${daemon} ended while waiting: ${what}`;
    throw new Error([why, ...(dir && daemon ? tails(dir, daemon) : [])].join("\n"));
  }
}

/** @param {string} dir @param {string} daemon */
function tails(dir, daemon) {
  return [`${dir}/log/${daemon}.out`, `${dir}/log/${daemon}.log`].flatMap((file) => {
    try {
      const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-12);
      return [`--- ${file}`, ...lines];
    } catch {
      return [];
    }
  });
}
