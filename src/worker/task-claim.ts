// The claim of an array task, `claims/<token>/<task>`: begun by one SLURM job only, and by that again after a requeue. The scheduler side makes the
// folder before it submits, and removes it when all is settled: who finds no folder begins nothing. A single task is taken back by closing its claim.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { faultPoint } from "../state/fault.ts";
import type { Allocation } from "./allocation.ts";
import { isClosed, isOver, makeClaim, newClaim, readClaim, replaceClaim, type SeenClaim } from "./claim.ts";
import { HeldClaim, SILENCE_MS } from "./held-claim.ts";

export type Standing =
  | { readonly kind: "free" }
  /** The same job in an earlier life. */
  | { readonly kind: "restart"; readonly before: SeenClaim }
  /** Nothing is to be begun. */
  | { readonly kind: "refused"; readonly why: string };

export interface TakenTask {
  readonly claim: HeldClaim;
  /** Absent: this is the first life of the task. */
  readonly before?: EarlierLives;
}

export interface EarlierLives {
  /** Absent: nobody can say which they are. */
  readonly journals?: readonly string[];
  /** Milliseconds for which one that may live could still publish something. */
  readonly silence: number;
}

const REVOKED = "the submission was revoked";

export class TaskClaim {
  private readonly path: string;

  constructor(
    root: string,
    token: string,
    private readonly task: number,
    private readonly allocation: Allocation,
  ) {
    this.path = join(root, "claims", token, String(task));
  }

  standing(): Standing {
    const before = readClaim(this.path);
    if (!before) return existsSync(dirname(this.path)) ? { kind: "free" } : { kind: "refused", why: REVOKED };
    const { claim } = before;
    if (!claim) return { kind: "restart", before };
    if (isClosed(claim)) return { kind: "refused", why: REVOKED };
    if (claim.job !== this.allocation.job)
      return { kind: "refused", why: `the submission was started twice: SLURM job ${claim.job} has this task` };
    if (claim.restart > this.allocation.restart)
      return { kind: "refused", why: `SLURM has started this task again (restart ${claim.restart})` };
    return { kind: "restart", before };
  }

  /** Text: why not. */
  take(journal: string): TakenTask | string {
    const standing = this.standing();
    if (standing.kind === "refused") return standing.why;
    return standing.kind === "free" ? this.first(journal) : this.again(standing.before, journal);
  }

  private first(journal: string): TakenTask | string {
    const claim = newClaim(this.allocation, this.task, [], journal);
    const made = makeClaim(this.path, claim);
    if (made === "taken") return this.take(journal);
    if (made === "no-folder") return REVOKED;
    faultPoint("claim/taken");
    return { claim: new HeldClaim(this.path, claim) };
  }

  private again(before: SeenClaim, journal: string): TakenTask | string {
    const journals = before.claim?.journals;
    const claim = newClaim(this.allocation, this.task, journals ?? [], journal);
    if (replaceClaim(this.path, claim) === "no-folder") return REVOKED;
    faultPoint("claim/replaced");
    const silence = isOver(before) ? 0 : SILENCE_MS;
    return { claim: new HeldClaim(this.path, claim), before: { ...(journals ? { journals } : {}), silence } };
  }
}
