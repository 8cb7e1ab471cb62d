// Names a process for ever: host, pid, and start time, because the kernel uses pids again. No signals but signal 0.
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessId {
  readonly host: string;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; "u" and milliseconds since 1970 where there is no /proc. */
  readonly processStart: string;
}

let self: ProcessId | undefined;

export function thisProcess(): ProcessId {
  return (self ??= {
    host: hostname(),
    pid: process.pid,
    processStart: procStat(process.pid)?.start ?? `u${Math.round(Date.now() - process.uptime() * 1000)}`,
  });
}

/** undefined: the process belongs to another host, so nobody here can tell. */
export function isAlive(other: ProcessId): boolean | undefined {
  const here = thisProcess();
  if (other.host !== here.host) return undefined;
  if (other.pid === here.pid && other.processStart === here.processStart) return true;
  const stat = procStat(other.pid);
  if (stat) return stat.start === other.processStart && stat.state !== "Z" && stat.state !== "X";
  // /proc works here (this process was found in it) and the other is not there.
  if (!here.processStart.startsWith("u")) return false;
  return answersSignals(other.pid);
}

/** Without start times a pid that was used again counts as alive: the safe side for locks. */
function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The name of the program stands in parentheses and may contain spaces and parentheses: fields are counted from the last one. */
function procStat(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] !== undefined && fields[19] !== undefined ? { state: fields[0], start: fields[19] } : undefined;
  } catch {
    return undefined;
  }
}
