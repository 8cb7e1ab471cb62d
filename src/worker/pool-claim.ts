// Claims on packs of a pool: taking a free one, taking over one whose worker is gone, finishing one. A claim is a lease: without renewal it expires.
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskJob } from "../ir/task-line.ts";
import { faultPoint } from "../state/fault.ts";
import { errno } from "../state/write-error.ts";
import type { Allocation } from "./allocation.ts";
import { isOver, makeClaim, newClaim, readClaim } from "./claim.ts";
import { HeldClaim, SILENCE_MS } from "./held-claim.ts";
import { claimName, doneName, type Pack } from "./pool-folder.ts";

export interface TakenPack {
  readonly id: string;
  readonly jobs: readonly TaskJob[];
  readonly claim: HeldClaim;
  /** Journals of those who had it before. Absent: nobody had. */
  readonly before?: { readonly journals?: readonly string[] };
}

export interface Claimant {
  readonly folder: string;
  /** Seconds. */
  readonly lease: number;
  readonly allocation: Allocation;
  /** Own journal. */
  readonly journal: string;
  /** Time of the file server. */
  readonly now: () => number;
}

/** undefined: another has it, or nobody needs to have it any more. The listing may be old. */
export function takePack(me: Claimant, pack: Pack): TakenPack | undefined {
  const { folder, allocation, journal } = me;
  const { id, file } = pack;
  if (pack.done) return undefined;
  const before =
    pack.generation === undefined ? undefined : abandoned(me, join(folder, claimName(id, pack.generation)));
  if (pack.generation !== undefined && !before) return undefined;
  const generation = pack.generation === undefined ? 0 : pack.generation + 1;
  const path = join(folder, claimName(id, generation));
  if (existsSync(path)) return undefined;
  const claim = newClaim(allocation, 0, before?.journals ?? [], journal);
  if (makeClaim(path, claim) !== "made") return undefined;
  if (before) faultPoint("pool/taken-over");
  else faultPoint("pool/claimed");
  const jobs = existsSync(join(folder, doneName(id))) ? undefined : jobsIn(join(folder, file));
  if (!jobs) {
    rmSync(path, { force: true });
    return undefined;
  }
  const held = new HeldClaim(path, claim, join(folder, claimName(id, generation + 1)));
  return { id, jobs, claim: held, ...(before ? { before } : {}) };
}

/** All of its jobs have ended, and the journal that says so is durable. False: it was taken over before that. */
export function finishPack(folder: string, { id, claim }: TakenPack): boolean {
  claim.release();
  if (!claim.holds()) return false;
  try {
    renameSync(claim.path, join(folder, doneName(id)));
  } catch (error) {
    // Taken back since it was last looked at.
    if (errno(error) === "ENOENT") return false;
    throw error;
  }
  faultPoint("pool/done");
  return true;
}

/** The journals behind a claim nobody keeps any more. undefined: somebody does. */
function abandoned({ lease, now }: Claimant, path: string): { journals?: readonly string[] } | undefined {
  const seen = readClaim(path);
  if (!seen) return undefined;
  // A process that is not seen here may live in a container; then it renews its claim.
  const expiry = isOver(seen) ? SILENCE_MS : lease * 1000;
  if (!seen.claim?.ended && now() - seen.renewedAt <= expiry) return undefined;
  return seen.claim ? { journals: seen.claim.journals } : {};
}

/** The clock that also stamps claims, because those of nodes differ: asked once, when it is first needed. */
export function serverClock(folder: string, name: string): () => number {
  let now: number | undefined;
  return () => {
    if (now !== undefined) return now;
    const probe = join(folder, `.clock-${name}`);
    writeFileSync(probe, "");
    now = statSync(probe).mtimeMs;
    rmSync(probe, { force: true });
    return now;
  };
}

/** undefined: the pack was withdrawn. */
export function jobsIn(path: string): readonly TaskJob[] | undefined {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { jobs: readonly TaskJob[] }).jobs;
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}
