// Processes of this machine that carry a job's marks in their environment: found in /proc, ended, waited for. Linux only; elsewhere it finds none.
import { readdirSync, readFileSync } from "node:fs";

export interface MarkedProcess {
  readonly pid: number;
  readonly group: number;
  readonly attemptId: string;
}

/** Processes of jobs under one campaign root. Those of other users cannot be read and are not ours. */
export function markedProcesses(root: string, attempts: (id: string) => boolean): MarkedProcess[] {
  let entries: string[];
  try {
    entries = readdirSync("/proc");
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const environment = read(`/proc/${entry}/environ`);
    if (environment === undefined || !environment.includes("CMC_ATTEMPT_ID=")) return [];
    const variables = environment.split("\0");
    const value = (name: string): string | undefined =>
      variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
    const attemptId = value("CMC_ATTEMPT_ID");
    if (attemptId === undefined || value("CMC_ROOT") !== root || !attempts(attemptId)) return [];
    const stat = statOf(pid);
    return stat && stat.state !== "Z" ? [{ pid, group: stat.group, attemptId }] : [];
  });
}

/** SIGTERM, then after `grace` ms SIGKILL, until `find` finds nobody. Children that are born meanwhile are found the next time round. */
export async function endProcesses(find: () => readonly MarkedProcess[], grace: number): Promise<number> {
  const ended = new Set<number>();
  const begin = Date.now();
  for (let wait = 5; ; wait = Math.min(100, wait * 2)) {
    const alive = find();
    if (alive.length === 0) return ended.size;
    const late = Date.now() - begin >= grace;
    if (Date.now() - begin > grace + 10_000)
      throw new Error(`processes ${alive.map((p) => p.pid).join(", ")} do not end`);
    const leaders = new Set(alive.map((marked) => marked.pid));
    for (const { pid, group } of alive) {
      if (ended.has(pid) && !late) continue;
      ended.add(pid);
      // The group only where its leader is one of ours: a job's child may share a group with somebody else.
      signal(leaders.has(group) ? -group : pid, late ? "SIGKILL" : "SIGTERM");
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {
    // gone already
  }
}

function statOf(pid: number): { readonly state: string; readonly group: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0]!, group: Number(fields[2]) };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
