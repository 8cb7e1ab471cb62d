// Open submissions as they lie on disk: their task files and the claims of their workers. Also sweeps what an interrupted submission left.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isOpen } from "../../state/submission.ts";
import type { State } from "../../state/reduce.ts";
import { closedClaim, makeClaim, replaceClaim } from "../../worker/claim.ts";
import { forget } from "./ledger.ts";
import { type ClaimSign, type Look, namesIn, serverTime, signOf } from "./look.ts";
import type { OpenSubmission } from "./settle.ts";
import { readTasks } from "./task-file.ts";

export function openSubmissions(root: string, state: State, claims: Look["claims"]): readonly OpenSubmission[] {
  const open = [...state.submissions.values()].filter((one) => isOpen(one) && one.intended?.mode !== "pool");
  return open.map((submission) => ({
    submission,
    tasks: readTasks(root, submission.token) ?? [],
    claims: claims.get(submission.token) ?? new Map(),
  }));
}

/** Takes a task away from whoever might still begin it: its claim is made here, closed. Or what claim there is by now. */
export function revokeTask(root: string, token: string, task: number, now: number): ClaimSign {
  const path = join(root, "claims", token, String(task));
  if (makeClaim(path, closedClaim(task, now)) !== "taken") return CLOSED;
  return signOf(path, serverTime(join(root, "claims"))) ?? CLOSED;
}

/** After what became of it is on disk: neither a late worker nor a later turn takes it up again. */
export function closeTask(root: string, token: string, task: number, now: number): void {
  replaceClaim(join(root, "claims", token, String(task)), closedClaim(task, now));
}

const CLOSED: ClaimSign = { ended: true, closed: true, silent: 0 };

/** Prepared and never intended: nobody was asked to run it. */
export function sweepUnintended(root: string, state: State): void {
  const files = namesIn(join(root, "submissions")).map((name) => name.replace(/\.tasks(\..*\.tmp)?$/, ""));
  for (const token of new Set([...files, ...namesIn(join(root, "claims"))])) {
    const known = state.submissions.get(token);
    if (!known || !isOpen(known)) forget(root, token);
  }
}

/** For when no worker of this root is at work. What cannot be removed costs space, nothing else. */
export function clearStaging(root: string): void {
  try {
    for (const name of namesIn(join(root, "staging"))) rmSync(join(root, "staging", name), { recursive: true, force: true }); // prettier-ignore
  } catch {
    // tried again at the end of the next run
  }
}
