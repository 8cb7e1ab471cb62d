// A claim this worker holds: renewed while it works, watched for being taken away, and marked when it has ended.
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { errno } from "../state/write-error.ts";
import { type Claim, claimText, replaceClaim } from "./claim.ts";

const HEARTBEAT_MS = Number(process.env["CMC_HEARTBEAT_MS"] ?? 30_000);
/** Seconds without a renewal after which a claim on a pack may be taken over, unless the command line says otherwise. */
export const LEASE = (10 * HEARTBEAT_MS) / 1000;
/** A holder that could not renew for so long asks before it publishes. After this time one whose claim was taken away publishes nothing. */
export const SILENCE_MS = 1.5 * HEARTBEAT_MS;

export class HeldClaim {
  private readonly losing = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly text: string;
  private renewedAt = performance.now();

  /** `successor`: the claim of whoever takes this one over, where that is another file. */
  constructor(
    readonly path: string,
    private readonly claim: Claim,
    private readonly successor?: string,
  ) {
    this.text = claimText(claim);
    this.timer = setInterval(() => this.renew(), HEARTBEAT_MS).unref();
  }

  /** Aborted when somebody has taken it away. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Asked immediately before something is published. Costs nothing while heartbeats come in time. */
  holds(): boolean {
    if (this.lost.aborted) return false;
    return performance.now() - this.renewedAt < SILENCE_MS || this.renew();
  }

  /** Lets everybody know, and the next one go on at once. After the journal is durable, never before. False: it was not ours any more. */
  end(code: number): boolean {
    this.release();
    return this.renew() && replaceClaim(this.path, { ...this.claim, ended: { at: Date.now(), code } }) === "made";
  }

  /** No heartbeat any more. */
  release(): void {
    clearInterval(this.timer);
  }

  /** False: it is gone, or the file system does not answer as it should; then nobody knows. */
  private renew(): boolean {
    try {
      if (touch(this.path, this.text) && (this.successor === undefined || !existsSync(this.successor))) {
        this.renewedAt = performance.now();
        return true;
      }
    } catch (error) {
      if (errno(error) !== "ENOENT") return false;
    }
    this.losing.abort();
    return false;
  }
}

/**
 * False: it is another's. The text is written over itself, so that the time of change is the file server's and not this node's;
 * through the descriptor that was read, so that another's claim is never renewed.
 */
function touch(path: string, text: string): boolean {
  const fd = openSync(path, "r+");
  try {
    if (readFileSync(fd, "utf8") !== text) return false;
    writeSync(fd, text, 0);
    return true;
  } finally {
    closeSync(fd);
  }
}
