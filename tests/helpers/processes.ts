// Processes of this machine, found by a mark in their command line or environment: has a job left anybody behind?
import { readdirSync, readFileSync } from "node:fs";

/** Pids whose command line or environment contains `mark`; not this process. Linux. */
export function processesWith(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && (has(pid, "cmdline", mark) || has(pid, "environ", mark)));
}

function has(pid: number, file: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").includes(mark);
  } catch {
    return false;
  }
}

/** Waits until `condition` is true: for what another process does. Throws after `seconds`. */
export async function until(what: string, condition: () => boolean, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition();) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
