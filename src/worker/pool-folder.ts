// The folder of a pool, `pool/<name>/`, as one listing shows it: packs in order, who has claimed them, what is done. Reads names, not contents.
//
//   <order>-<id>.pack   jobs (a TaskLine), made whole by rename, at any time, by the scheduler side
//   <id>.claim          claimed; whoever takes a claim over makes <id>.claim.1, then .2: of several takers one succeeds, and the highest counts
//   <id>.done           the last claim, renamed when the journal of the claimant was durable
//   closed              no pack will come any more
//   braked              too many failures in a row: nobody goes on
import { readdirSync } from "node:fs";
import { errno } from "../state/write-error.ts";

export interface Pack {
  readonly file: string;
  readonly id: string;
  readonly done: boolean;
  /** Of the claim that counts. Absent: nobody has begun it. */
  readonly generation?: number;
}

export interface PoolFolder {
  /** In name order: the order in which they are begun. */
  readonly packs: readonly Pack[];
  readonly closed: boolean;
  readonly braked: boolean;
}

export const CLOSED = "closed";
export const BRAKED = "braked";

export function readPool(folder: string): PoolFolder {
  const files: { file: string; id: string }[] = [];
  const done = new Set<string>();
  const claims = new Map<string, number>();
  const names = namesIn(folder);
  if (!names) return { packs: [], closed: true, braked: false };
  for (const name of names) {
    const pack = /^[^-]+-(.+)\.pack$/.exec(name);
    const claim = /^(.+)\.claim(?:\.(\d+))?$/.exec(name);
    if (pack) files.push({ file: name, id: pack[1]! });
    else if (name.endsWith(".done")) done.add(name.slice(0, -".done".length));
    else if (claim) claims.set(claim[1]!, Math.max(Number(claim[2] ?? 0), claims.get(claim[1]!) ?? 0));
  }
  files.sort((a, b) => (a.file < b.file ? -1 : 1));
  const packs = files.map(({ file, id }): Pack => {
    const generation = claims.get(id);
    return { file, id, done: done.has(id), ...(generation === undefined ? {} : { generation }) };
  });
  return { packs, closed: names.includes(CLOSED), braked: names.includes(BRAKED) };
}

/** undefined: the pool was removed. */
function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

export function claimName(id: string, generation: number): string {
  return generation === 0 ? `${id}.claim` : `${id}.claim.${generation}`;
}

export function doneName(id: string): string {
  return `${id}.done`;
}
