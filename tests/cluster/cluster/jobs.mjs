// Jobs as a test sees them: submit, look, wait for the end. Not what runs in them.
// @ts-check
import { output, run } from "./commands.mjs";
import { until } from "./processes.mjs";

/** @import { Attempt, Recorded, RunOptions } from "./types.ts" */

const LIVE =
  /^(PENDING|RUNNING|COMPLETING|CONFIGURING|SUSPENDED|REQUEUE_HOLD|SPECIAL_EXIT|STAGE_OUT|SIGNALING|STOPPED|RESIZING)/;
/** Else SLURM cuts lists of tasks after 64 characters, unmarked. */
const WHOLE = { SLURM_BITSTR_LEN: "0" };

/** @param {string} id "7_12" -> 12; no array: -1 */
const taskOf = (id) => Number(/_(\d+)$/.exec(id)?.[1] ?? -1);

/** @param {string} text */
const fieldsOf = (text) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("|"));

/** @param {readonly string[][]} rows @param {(field: string) => string} exitOf @returns {Attempt[]} */
function attemptsOf(rows, exitOf) {
  const all = rows.map(([id = "", state = "", exit = "", node = ""]) => {
    return { id, state: state.replace(/ .*/, ""), exit: exitOf(exit), node };
  });
  return all.sort((a, b) => taskOf(a.id) - taskOf(b.id));
}

/**
 * Does sacct know by now what slurmctld knows? It lags, and shows odd rows meanwhile: tasks missing, FAILED 0:0 before FAILED 7:0.
 * Lists of tasks that never ran and exit codes of 128 and more look different in both.
 * @param {readonly Attempt[]} seen @param {Attempt} job
 */
function follows(seen, job) {
  const last = seen.findLast(({ id }) => id === job.id);
  if (last === undefined) return job.id.includes("[");
  return last.state === job.state && (job.state !== "FAILED" || last.exit !== "0:0");
}

/** @param {Recorded} cluster @param {Record<string, string>} env */
export function jobsOf({ dir, options: { accounting } }, env) {
  /** @param {string} script @param {readonly string[]} [args] @param {RunOptions} [options] */
  async function submit(script, args = [], options = {}) {
    const places = [`--chdir=${dir}/jobs`, `--output=${dir}/jobs/%j.out`];
    const argv = ["sbatch", "--parsable", ...places, ...args];
    const answer = await output(argv, { env, ...options, input: `#!/bin/bash\n${script}\n` });
    return /** @type {string} */ (answer.split(";")[0]);
  }

  /** Unknown ids, forgotten ones included, are no rows. @param {string} id @param {string} fields */
  async function squeue(id, fields) {
    const { status, stdout, stderr } = await run(["squeue", "-h", "-t", "all", "-j", id, "-O", fields], {
      env: { ...env, ...WHOLE },
    });
    if (status !== 0 && !stderr.includes("Invalid job id")) throw new Error(`squeue: ${stderr.trim()}`);
    return status === 0 ? fieldsOf(stdout) : [];
  }

  /** @param {string} id */
  async function queue(id) {
    const rows = await squeue(id, "JobArrayID:|,State:");
    return new Map(rows.map(([task = "", state = ""]) => [task, state]));
  }

  /** The last life of each, from slurmctld. @param {string} id */
  async function remembered(id) {
    const rows = await squeue(id, "JobArrayID:|,State:|,exit_code:|,NodeList:");
    return attemptsOf(rows, (raw) => `${Number(raw) >> 8}:${Number(raw) & 127}`);
  }

  /** @param {string} id */
  async function attempts(id) {
    if (!accounting) return remembered(id);
    const argv = ["sacct", "-X", "-D", "-n", "-P", "-j", id, "--format=JobID,State,ExitCode,NodeList"];
    return attemptsOf(fieldsOf(await output(argv, { env: { ...env, ...WHOLE } })), (exit) => exit);
  }

  /** @param {string} id @param {number} [seconds] */
  async function ended(id, seconds = 60) {
    /** @type {Attempt[]} */
    let seen = [];
    const final = async () => {
      const now = await remembered(id);
      if (now.some(({ state }) => LIVE.test(state))) return false;
      seen = accounting ? await attempts(id) : now;
      return seen.length > 0 && !seen.some(({ state }) => LIVE.test(state)) && now.every((job) => follows(seen, job));
    };
    await until(`job ${id} ends`, final, { seconds }).catch((/** @type {Error} */ error) => {
      throw new Error(`${error.message}; last seen: ${JSON.stringify(seen)}`);
    });
    return seen;
  }

  return { submit, queue, attempts, ended };
}
