// The lock file and its claim files: reading, exclusive creation, and the rule by which exactly one process may put a lock aside.
//
// A lock is published by link(2): complete and synced, or not there; link is atomic on local disks, NFS and Lustre.
// Nobody removes or replaces a lock before holding `lock.claim-<id of that lock>`, made by link(2) as well. Ids are never used
// again, so of all processes that saw the same dead holder one makes the claim. Without it two takers can each move the other's
// fresh lock away. A claim whose maker died is claimed in its turn: its id is the maker's own.
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./process-id.ts";
import { syncFolder, writeDurably } from "./replace-file.ts";
import { errno, refuseWrite } from "./write-error.ts";

export interface LockInfo {
  readonly id: string;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly processStart: string;
  readonly command: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The file is there and says nothing sensible: a power cut, or a hand. `id` names this very file; nobody is known to hold it. */
  readonly unreadable?: true;
}

export function lockFolder(root: string): string {
  return join(root, "metadata");
}

export function lockFile(root: string): string {
  return join(root, "metadata", "lock");
}

export function claimFile(root: string, id: string): string {
  return join(root, "metadata", `lock.claim-${id}`);
}

export function newId(): string {
  return randomBytes(6).toString("hex");
}

/** undefined: there is no such file. */
export function readLockFile(file: string): LockInfo | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
  return parse(text) ?? unreadable(file);
}

function parse(text: string): LockInfo | undefined {
  try {
    const { id, user, host, pid, processStart, command, startedAt } = JSON.parse(text) as LockInfo;
    const whole = /^[0-9a-f]+$/.test(id) && typeof pid === "number" && typeof startedAt === "number";
    return whole ? { id, user, host, pid, processStart, command, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(file: string): LockInfo | undefined {
  try {
    const { ino, mtimeMs } = statSync(file);
    const id = `unreadable-${ino}-${Math.round(mtimeMs)}`;
    return {
      id,
      user: "?",
      host: "?",
      pid: 0,
      processStart: "",
      command: "?",
      startedAt: Math.round(mtimeMs),
      unreadable: true,
    };
  } catch {
    return undefined;
  }
}

/** A lock that a holder got is complete and synced, so an unreadable one has no holder that works. */
export function isAbandoned(lock: LockInfo): boolean {
  return lock.unreadable === true || isAlive(lock) === false;
}

/** The own lock, written and synced under a private name, ready to be linked or renamed into place. */
export function prepare(root: string, lock: LockInfo): string {
  const file = join(root, "metadata", `lock.new-${lock.id}`);
  try {
    writeDurably(file, `${JSON.stringify(lock)}\n`);
  } catch (error) {
    rmSync(file, { force: true });
    refuseWrite(error, file);
  }
  return file;
}

/** False: `file` exists already. */
export function linkNew(prepared: string, file: string): boolean {
  try {
    linkSync(prepared, file);
    return true;
  } catch (error) {
    if (errno(error) !== "EEXIST") refuseWrite(error, file);
    return sameFile(prepared, file);
  }
}

/** An NFS server may do the link and lose the answer; the repeated call then says EEXIST. */
function sameFile(a: string, b: string): boolean {
  try {
    return statSync(a).ino === statSync(b).ino;
  } catch {
    return false;
  }
}

export function remove(root: string, ...files: string[]): void {
  for (const file of files) rmSync(file, { force: true });
  syncFolder(lockFolder(root));
}
