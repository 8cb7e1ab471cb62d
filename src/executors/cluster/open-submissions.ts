// Open submissions as they lie on disk: their task files and the claims of their workers. Also sweeps what an interrupted submission left.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isOpen } from "../../state/submission.ts";
import type { State } from "../../state/reduce.ts";
import { errno } from "../../state/write-error.ts";
import { makeClaim, newClaim, readClaim } from "../../worker/claim.ts";
import { forget } from "./ledger.ts";
import { readDesk } from "./pool-desk.ts";
import { type ClaimSign, isConcluded, type OpenSubmission } from "./settle.ts";
import { readTasks } from "./task-file.ts";

export function openSubmissions(root: string, state: State): readonly OpenSubmission[] {
  const open = [...state.submissions.values()].filter((one) => isOpen(one) && one.intended?.mode !== "pool");
  if (open.length === 0) return [];
  const clock = serverTime(root);
  return open.map((submission) => ({
    submission,
    tasks: readTasks(root, submission.token) ?? [],
    claims: claimsOf(root, submission.token, clock),
  }));
}

/** Jobs nobody else may run, by the journals alone: no scheduler is asked. */
export function jobsInFlight(root: string, state: State): ReadonlyMap<string, "submitted" | "unresolved"> {
  const jobs = new Map<string, "submitted" | "unresolved">();
  for (const one of state.submissions.values()) {
    if (!isOpen(one)) continue;
    const how = one.jobId === undefined && one.intended?.mode === "array" ? "unresolved" : "submitted";
    for (const job of (readTasks(root, one.token) ?? []).flat()) if (!isConcluded(job, state)) jobs.set(job.key, how);
  }
  for (const name of namesIn(join(root, "pool")))
    for (const job of readDesk(join(root, "pool", name)).packs.flatMap((pack) => pack.jobs))
      if (!isConcluded(job, state)) jobs.set(job.key, "submitted");
  return jobs;
}

function claimsOf(root: string, token: string, now: number): ReadonlyMap<number, ClaimSign> {
  const claims = new Map<number, ClaimSign>();
  for (const name of namesIn(join(root, "claims", token))) {
    if (!/^\d+$/.test(name)) continue;
    const seen = readClaim(join(root, "claims", token, name));
    if (seen) claims.set(Number(name), { ended: seen.claim?.ended !== undefined, silent: now - seen.renewedAt });
  }
  return claims;
}

/** Takes a task away from whoever might still begin it: its claim is made here, and has ended. False: somebody has it. */
export function revokeTask(root: string, token: string, task: number, now: number): boolean {
  const claim = newClaim({ restart: 0 }, task, [], "");
  const path = join(root, "claims", token, String(task));
  return makeClaim(path, { ...claim, journals: [], ended: { at: now, code: 0 } }) !== "taken";
}

/** Prepared and never intended: nobody was asked to run it. */
export function sweepUnintended(root: string, state: State): void {
  const files = namesIn(join(root, "submissions")).map((name) => name.replace(/\.tasks(\..*\.tmp)?$/, ""));
  for (const token of new Set([...files, ...namesIn(join(root, "claims"))])) {
    const known = state.submissions.get(token);
    if (!known || !isOpen(known)) forget(root, token);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errno(error) === "ENOENT") return [];
    throw error;
  }
}

/** ms since 1970 by the clock of the file server, which stamps the claims. */
function serverTime(root: string): number {
  const folder = join(root, "claims");
  const probe = join(folder, `.clock-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  closeSync(openSync(probe, "w"));
  const { mtimeMs } = statSync(probe);
  rmSync(probe, { force: true });
  return mtimeMs;
}
