// A process group of a job: signals to all of it, and what it holds in memory. Linux: reads /proc.
import { readFileSync } from "node:fs";

/** False: nobody is left to receive it. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") return true;
    return false;
  }
}

/** Resident bytes of a process and its descendants; 0 when it is gone. */
export function residentBytes(leader: number): number {
  let bytes = 0;
  const pending = [leader];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    const statm = readProc(`/proc/${pid}/statm`);
    if (statm === undefined) continue;
    bytes += Number(statm.split(" ")[1] ?? 0) * PAGE;
    const children = readProc(`/proc/${pid}/task/${pid}/children`);
    if (children) pending.push(...children.trim().split(" ").filter(Boolean).map(Number));
  }
  return bytes;
}

/** x86-64 and most arm64 Linux; kernels with larger pages would only make the watchdog see less. */
const PAGE = 4096;

/** Times the kernel killed somebody for memory: in this cgroup where that can be read, else on this machine. */
export function oomKills(): number {
  let count = 0;
  const groups = readProc("/proc/self/cgroup") ?? "";
  for (const line of groups.split("\n")) {
    const [, controllers, path] = line.split(":");
    if (path === undefined) continue;
    const files =
      controllers === "" ? [`/sys/fs/cgroup${path}/memory.events`]
      : controllers === "memory" ? [`/sys/fs/cgroup/memory${path}/memory.oom_control`, "/sys/fs/cgroup/memory/memory.oom_control"]
      : []; // prettier-ignore
    for (const file of files) count += counter(readProc(file), "oom_kill");
  }
  return count + counter(readProc("/proc/vmstat"), "oom_kill");
}

function counter(text: string | undefined, name: string): number {
  const found = text === undefined ? null : new RegExp(`^${name} (\\d+)$`, "m").exec(text);
  return found ? Number(found[1]) : 0;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
