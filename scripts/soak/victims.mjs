// Whom the fault injector finds in /proc: workers of one root, leaders of the process groups of their jobs, descendants. Linux.
import { readdirSync, readFileSync } from "node:fs";

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

const pids = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number); // prettier-ignore

export function workersOf(root) {
  return pids().filter((pid) => {
    const words = read(pid, "cmdline").split("\0");
    return words[1]?.endsWith("/worker.mjs") === true && words.includes(root);
  });
}

export function jobsOf(root) {
  return pids().filter((pid) => {
    const variables = read(pid, "environ").split("\0");
    return variables.includes(`CMC_ROOT=${root}`) && groupOf(pid) === pid;
  });
}

/** After the command's name: state, parent, group. */
const fieldsOf = (pid) => read(pid, "stat").split(") ").at(-1).split(" ");
const groupOf = (pid) => Number(fieldsOf(pid)[2]);

/** Itself first. */
export function treeOf(root) {
  const parents = new Map(pids().map((pid) => [pid, Number(fieldsOf(pid)[1])]));
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** False: it is gone. A group where the number is negative; NaN, nobody was found. */
export function kill(pid) {
  if (Number.isNaN(pid)) return false;
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
