// What a turn sees from outside, before it reads the journals: the queue, the claims of workers, and pools. In this order, because a worker's records are
// durable before its end can be seen: what has ended here is in journals that are read afterwards. No journal here.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { errno } from "../../state/write-error.ts";
import { isClosed, readClaim } from "../../worker/claim.ts";
import type { Answer } from "../slurm/answer.ts";
import type { SlurmClient } from "../slurm/client.ts";
import type { Queue } from "../slurm/squeue.ts";
import { type Desk, readDesk } from "./pool-desk.ts";

export interface ClaimSign {
  /** Its worker has ended and said so; SLURM may start it again. */
  readonly ended: boolean;
  /** Settled for good: no worker begins anything under it. */
  readonly closed: boolean;
  /** ms since its last sign of life. */
  readonly silent: number;
}

export interface Look {
  readonly queue: Answer<Queue>;
  /** By token and task. Changed by who takes a claim. */
  readonly claims: ReadonlyMap<string, Map<number, ClaimSign>>;
  /** By folder. */
  readonly desks: ReadonlyMap<string, Desk>;
  /** ms since 1970 by the clock that stamps claims. */
  readonly clock: number;
  /** ms since 1970: after the look, before the journals. */
  readonly at: number;
}

export async function look(root: string, client: SlurmClient, now: () => number): Promise<Look> {
  const queue = await client.queue();
  const folder = join(root, "claims");
  const tokens = namesIn(folder).filter((name) => !name.startsWith("."));
  const pools = namesIn(join(root, "pool")).map((name) => join(root, "pool", name));
  const clock = tokens.length + pools.length > 0 ? serverTime(folder) : now();
  return {
    queue,
    claims: new Map(tokens.map((token) => [token, claimsOf(join(folder, token), clock)])),
    desks: new Map(pools.map((pool) => [pool, readDesk(pool)])),
    clock,
    at: now(),
  };
}

function claimsOf(folder: string, clock: number): Map<number, ClaimSign> {
  const claims = new Map<number, ClaimSign>();
  for (const name of namesIn(folder)) {
    const sign = /^\d+$/.test(name) ? signOf(join(folder, name), clock) : undefined;
    if (sign) claims.set(Number(name), sign);
  }
  return claims;
}

/** Undefined: there is no claim. */
export function signOf(path: string, clock: number): ClaimSign | undefined {
  const seen = readClaim(path);
  if (!seen) return undefined;
  const { claim, renewedAt } = seen;
  return {
    ended: claim?.ended !== undefined,
    closed: claim !== undefined && isClosed(claim),
    silent: clock - renewedAt,
  };
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errno(error) === "ENOENT") return [];
    throw error;
  }
}

/** ms since 1970 by the clock of the file server, which stamps the claims. */
export function serverTime(folder: string): number {
  const probe = join(folder, `.clock-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  closeSync(openSync(probe, "w"));
  const { mtimeMs } = statSync(probe);
  rmSync(probe, { force: true });
  return mtimeMs;
}
