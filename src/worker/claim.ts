// A claim: the file by which one worker says that some work is its own. Its content, and how it comes to lie there whole or not at all.
// Who may take what is decided in task-claim.ts and pool-claim.ts; keeping it is held-claim.ts.
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { isAlive, type ProcessId, thisProcess } from "../state/process-id.ts";
import { errno } from "../state/write-error.ts";
import type { Allocation } from "./allocation.ts";

export interface Claim extends ProcessId {
  /** SLURM's number of the array, or of the job where there is none; 0 outside of SLURM. */
  readonly job: number;
  /** SLURM's number of this very task. */
  readonly raw: number;
  /** Line of the task file; 0 in a pool. */
  readonly task: number;
  readonly restart: number;
  /** Names below `journal/` of all who have worked on it, the claimant's own last. */
  readonly journals: readonly string[];
  /** Absent: it is at work, or was killed. Its journal was durable before this was written. */
  readonly ended?: { readonly at: number; readonly code: number };
}

export interface SeenClaim {
  /** Absent: the file says nothing sensible: a power cut, or a hand. */
  readonly claim?: Claim;
  /** When it was last renewed, by the clock of the file server. */
  readonly renewedAt: number;
}

export function newClaim(allocation: Allocation, task: number, earlier: readonly string[], journal: string): Claim {
  const { job = 0, raw = 0, restart } = allocation;
  return { job, raw, task, restart, ...thisProcess(), journals: [...earlier, basename(journal)] };
}

/** undefined: there is none. Names beside claims that end in `.tmp` are of processes that are about to make one, or were killed. */
export function readClaim(path: string): SeenClaim | undefined {
  try {
    const { mtimeMs } = statSync(path);
    const claim = parse(readFileSync(path, "utf8"));
    return { renewedAt: mtimeMs, ...(claim ? { claim } : {}) };
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parse(text: string): Claim | undefined {
  try {
    const claim = JSON.parse(text) as Claim;
    return typeof claim.job === "number" && Array.isArray(claim.journals) ? claim : undefined;
  } catch {
    return undefined;
  }
}

/** True: its maker works on it no more, as far as can be told from here. */
export function isOver({ claim }: SeenClaim): boolean {
  return claim !== undefined && (claim.ended !== undefined || isAlive(claim) === false);
}

/** SLURM numbers jobs from 1: who closes a task for good is none. */
export function isClosed({ job, ended }: Claim): boolean {
  return job === 0 && ended !== undefined;
}

export function closedClaim(task: number, at: number): Claim {
  return { ...newClaim({ restart: 0 }, task, [], ""), journals: [], ended: { at, code: 0 } };
}

/** By link(2), so that of all who try one succeeds, and nobody sees half a claim. `no-folder`: there is no folder to make it in. */
export function makeClaim(path: string, claim: Claim): "made" | "taken" | "no-folder" {
  return publish(path, claim, linkSync);
}

export function replaceClaim(path: string, claim: Claim): "made" | "no-folder" {
  return publish(path, claim, renameSync) as "made" | "no-folder";
}

function publish(path: string, claim: Claim, move: (from: string, to: string) => void) {
  const beside = `${path}.${claim.host}-${claim.pid}.tmp`;
  try {
    writeFileSync(beside, claimText(claim));
    move(beside, path);
    return "made";
  } catch (error) {
    const code = errno(error);
    if (code === "EEXIST") return "taken";
    if (code === "ENOENT") return "no-folder";
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

export function claimText(claim: Claim): string {
  return JSON.stringify(claim);
}
