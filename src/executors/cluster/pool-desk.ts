// The scheduler side of a pool's folder: packs are put in, looked at, taken out. The folder's grammar and the workers' side: worker/pool-folder.ts.
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TaskLine } from "../../ir/task-line.ts";
import { replaceFile } from "../../state/replace-file.ts";
import { closedClaim, makeClaim, readClaim, type SeenClaim } from "../../worker/claim.ts";
import { jobsIn } from "../../worker/pool-claim.ts";
import { BRAKED, claimName, CLOSED, doneName, readPool } from "../../worker/pool-folder.ts";
import type { Pack } from "./task-file.ts";

export interface DeskPack {
  readonly file: string;
  readonly id: string;
  readonly done: boolean;
  readonly claimed: boolean;
  /** The claim that counts, or what it became when the pack was done. Absent: there is none, or it went away meanwhile. */
  readonly claim?: SeenClaim & { readonly generation: number };
  readonly jobs: Pack;
}

export interface Desk {
  readonly folder: string;
  /** In the order in which they are begun. */
  readonly packs: readonly DeskPack[];
  readonly closed: boolean;
  /** ms since 1970 when its workers pulled the brake. Absent: they did not. */
  readonly brakedAt?: number;
}

export function poolFolder(root: string, run: string, pool: string): string {
  return join(root, "pool", `${run}-${pool}`);
}

/** Without a lock packs may go away while it is read. */
export function readDesk(folder: string): Desk {
  const { packs, closed, braked } = readPool(folder);
  return {
    folder,
    closed,
    ...(braked ? { brakedAt: statSync(join(folder, BRAKED)).mtimeMs } : {}),
    packs: packs.flatMap(({ file, id, done, generation }) => {
      const jobs = jobsIn(join(folder, file));
      if (!jobs) return [];
      const name = done ? doneName(id) : generation === undefined ? undefined : claimName(id, generation);
      const seen = name === undefined ? undefined : readClaim(join(folder, name));
      const claim = seen ? { claim: { ...seen, generation: generation ?? 0 } } : {};
      return [{ file, id, done, claimed: generation !== undefined, ...claim, jobs }];
    }),
  };
}

/** After all that are there. An id is never used again: claims and done marks are by id. */
export function addPacks(folder: string, packs: readonly Pack[], now: number): void {
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, CLOSED), { force: true });
  const order = now.toString(36).padStart(9, "0");
  packs.forEach((jobs, i) => {
    const id = `${order}.${i}`;
    const text = `${JSON.stringify({ jobs } satisfies TaskLine)}\n`;
    replaceFile(join(folder, `${order}${String(i).padStart(6, "0")}-${id}.pack`), text);
  });
}

/**
 * From a claimant that is gone, as a worker would take it over: of all who try one succeeds. It can be resumed by a worker until it is removed.
 * False: somebody has it.
 */
export function takeBack(folder: string, { id, claim }: DeskPack, now: number): boolean {
  const next = join(folder, claimName(id, claim!.generation + 1));
  return makeClaim(next, { ...closedClaim(0, now), journals: claim!.claim!.journals }) === "made";
}

/** The pack first: nobody can claim it any more. Its marks after it: without them it would look unclaimed. */
export function removePack(folder: string, { file, id }: DeskPack): void {
  rmSync(join(folder, file), { force: true });
  for (const name of readdirSync(folder))
    if (name === `${id}.done` || name.startsWith(`${id}.claim`)) rmSync(join(folder, name), { force: true });
}

export function closePool(folder: string): void {
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, CLOSED), "");
}

export function releaseBrake(folder: string): void {
  rmSync(join(folder, BRAKED), { force: true });
}

export function removePool(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
