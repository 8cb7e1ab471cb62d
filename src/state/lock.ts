// The campaign's lock: one command that changes things at a time. A holder that died on this host is taken over; others are asked for.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";
import { faultPoint } from "./fault.ts";
import {
  claimFile,
  isAbandoned,
  linkNew,
  lockFile,
  lockFolder,
  newId,
  prepare,
  readLockFile,
  remove,
  type LockInfo,
} from "./lock-file.ts";
import { thisProcess } from "./process-id.ts";
import { refuseWrite } from "./write-error.ts";

export type { LockInfo } from "./lock-file.ts";

export interface Lock {
  readonly info: LockInfo;
  /** Removes this lock and no other. A second release does nothing. */
  release(): void;
}

/** Throws state/locked while another command holds the campaign. */
export function acquireLock(root: string, command: string, who: { user: string; now: number }): Lock {
  try {
    mkdirSync(lockFolder(root), { recursive: true });
  } catch (error) {
    refuseWrite(error, lockFolder(root));
  }
  const info: LockInfo = { id: newId(), user: who.user, ...thisProcess(), command, startedAt: who.now };
  const prepared = prepare(root, info);
  faultPoint("lock/prepared");
  try {
    take(root, prepared);
    faultPoint("lock/taken");
  } finally {
    remove(root, prepared);
  }
  sweep(root, info.id);
  return { info, release: () => putAside(root, info.id, "release") };
}

/** What commands that were killed left beside the lock: half-written replacements of files, prepared locks, spent claims. Only for the holder. */
function sweep(root: string, id: string): void {
  const folder = lockFolder(root);
  const names = readdirSync(folder);
  // Claims on this very lock are a chain that must stay whole; without a first one every claim of a dead process is spent.
  const spent = existsSync(claimFile(root, id)) ? /^lock\.new-/ : /^lock\.(new|claim)-/;
  for (const name of names) {
    const file = join(folder, name);
    if (name.endsWith(".tmp") || (spent.test(name) && isOfTheDead(file))) rmSync(file, { force: true });
  }
}

/** An unreadable one may be being written now. */
function isOfTheDead(file: string): boolean {
  const by = readLockFile(file);
  return by !== undefined && !by.unreadable && isAbandoned(by);
}

/** Ends with the lock held, or throws state/locked. Each turn follows a change that another process made. */
function take(root: string, prepared: string): void {
  const file = lockFile(root);
  for (let patience = PATIENCE; ;) {
    if (linkNew(prepared, file)) return;
    const holder = readLockFile(file);
    if (!holder) continue;
    if (!isAbandoned(holder)) refuse(holder);
    const claimed = claim(root, prepared, holder);
    if (claimed.won) {
      faultPoint("lock/claimed");
      // Between reading the lock and claiming it, another may have finished the same takeover: then the lock is a different one.
      const replaced = readLockFile(file)?.id === holder.id;
      if (replaced) renameSync(prepared, file);
      faultPoint("lock/replaced");
      remove(root, ...claimed.claims);
      if (replaced) return;
    } else if (patience-- === 0) refuse(claimed.by);
    else pause();
  }
}

/** Another process is in the middle of a takeover, which takes milliseconds: wait to name the right holder. */
const PATIENCE = 20;
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
}

type Claimed =
  { readonly won: true; readonly claims: readonly string[] } | { readonly won: false; readonly by: LockInfo };

/** The right to put `holder` aside. Follows claims of processes that died with them. */
function claim(root: string, prepared: string, holder: LockInfo): Claimed {
  const claims: string[] = [];
  for (let target = holder; ;) {
    const file = claimFile(root, target.id);
    if (linkNew(prepared, file)) return { won: true, claims: [...claims, file] };
    const by = readLockFile(file);
    if (!by) continue;
    if (!isAbandoned(by)) return { won: false, by };
    claims.push(file);
    target = by;
  }
}

/** What status and plan show. undefined: nobody holds it. `abandoned`: its holder is known to be gone. */
export function readLock(root: string): (LockInfo & { readonly abandoned: boolean }) | undefined {
  const lock = readLockFile(lockFile(root));
  return lock && { ...lock, abandoned: isAbandoned(lock) };
}

/** Breaks the lock with this id, whoever holds it. False: there is no such lock. */
export function forceUnlock(root: string, id: string): boolean {
  if (readLockFile(lockFile(root))?.id !== id) return false;
  return putAside(root, id, "force");
}

function putAside(root: string, id: string, command: string): boolean {
  const file = lockFile(root);
  const target = readLockFile(file);
  if (target?.id !== id) return false;
  const me: LockInfo = { id: newId(), user: "", ...thisProcess(), command, startedAt: target.startedAt };
  const prepared = prepare(root, me);
  const claimed = claim(root, prepared, target);
  faultPoint("lock/releasing");
  const mine = claimed.won && readLockFile(file)?.id === id;
  remove(root, ...(mine ? [file] : []), ...(claimed.won ? claimed.claims : []), prepared);
  return mine;
}

function refuse(holder: LockInfo): never {
  const since = new Date(holder.startedAt).toISOString().replace("T", " ").slice(0, 19);
  fail({
    code: "state/locked",
    message: `Lock ${holder.id}: ${holder.user}@${holder.host} (pid ${holder.pid}) runs \`${holder.command}\` since ${since} UTC`,
    remedy: `Wait for it; \`cmc force-unlock ${holder.id}\` breaks the lock if its holder is known to be gone.`,
  });
}
