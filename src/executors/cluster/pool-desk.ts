// The scheduler side of a pool's folder: packs are put in, looked at, taken out. The folder's grammar and the workers' side: worker/pool-folder.ts.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TaskLine } from "../../ir/task-line.ts";
import { replaceFile } from "../../state/replace-file.ts";
import { BRAKED, CLOSED, readPool } from "../../worker/pool-folder.ts";
import type { Pack } from "./task-file.ts";

export interface DeskPack {
  readonly file: string;
  readonly id: string;
  readonly done: boolean;
  readonly claimed: boolean;
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

export function readDesk(folder: string): Desk {
  const { packs, closed, braked } = readPool(folder);
  return {
    folder,
    closed,
    ...(braked ? { brakedAt: statSync(join(folder, BRAKED)).mtimeMs } : {}),
    packs: packs.map(({ file, id, done, generation }) => ({
      file,
      id,
      done,
      claimed: generation !== undefined,
      jobs: (JSON.parse(readFileSync(join(folder, file), "utf8")) as Extract<TaskLine, { jobs: unknown }>).jobs,
    })),
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
