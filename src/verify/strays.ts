// Files in the campaign root that no current result accounts for: foreign ones, and what earlier results left behind. Pure; told of, never touched.
import type { JobTable } from "../expand/table.ts";
import type { Records } from "../observe/records.ts";
import type { State } from "../state/reduce.ts";
import type { Roster } from "./judge.ts";

export const STRAY_KINDS = ["foreign", "left-behind", "earlier"] as const;
/** `left-behind`: of a job that left the campaign; `earlier`: of an earlier receipt of a job, at another path. */
export type StrayKind = (typeof STRAY_KINDS)[number];

export interface Stray {
  readonly kind: StrayKind;
  readonly path: string;
  readonly bytes: number;
  /** The job it was made by; absent for foreign files. */
  readonly key?: string;
}

/** Beside those a listing leaves out: cmc keeps them while jobs are in flight on a cluster. */
const OWN = new Set(["submissions", "pool", "checkpoints"]);

type Owner = { readonly kind: "current" } | { readonly kind: Exclude<StrayKind, "foreign">; readonly key: string };

const CURRENT: Owner = { kind: "current" };

/** In the order of the listing, which is that of a walk. */
export function straysOf(table: JobTable, state: State, roster: Roster, records: Records): Stray[] {
  const owners = new Owners();
  for (const { stage, outputs, count } of table.stages)
    stage.outputs.forEach(({ kind }, o) => {
      for (let i = 0; i < count; i++) owners.add(outputs[o]!.at(i), kind === "dir", CURRENT);
    });
  const here = new Set(roster);
  for (const job of roster)
    for (const { path, files } of job?.receipt?.outputs ?? []) owners.add(path, files !== undefined, CURRENT);
  for (const job of state.jobs.values())
    for (const { end } of job.attempts) {
      if (!end?.receipt || (here.has(job) && job.attempts.length === 1)) continue;
      const owner = { kind: here.has(job) ? "earlier" : "left-behind", key: job.key } as const;
      for (const { path, files } of end.receipt.outputs) owners.add(path, files !== undefined, owner);
    }
  const strays: Stray[] = [];
  for (const { path, size: bytes } of records.files()) {
    const owner = owners.of(path);
    if (owner === CURRENT || (!owner && OWN.has(path.slice(0, path.indexOf("/"))))) continue;
    strays.push(owner && owner.kind !== "current" ? { ...owner, path, bytes } : { kind: "foreign", path, bytes });
  }
  return strays;
}

/** Who accounts for a path: itself, or a folder output above it. The first to claim a path has it. */
class Owners {
  private readonly files = new Map<string, Owner>();
  private readonly folders = new Map<string, Owner>();
  /** Of folders that were asked for. */
  private readonly above = new Map<string, Owner | undefined>();

  add(path: string, folder: boolean, owner: Owner): void {
    const owned = folder ? this.folders : this.files;
    if (!owned.has(path)) owned.set(path, owner);
  }

  of(path: string): Owner | undefined {
    return this.files.get(path) ?? (this.folders.size === 0 ? undefined : this.ofFolder(parentOf(path)));
  }

  private ofFolder(folder: string): Owner | undefined {
    if (folder === "") return undefined;
    if (this.above.has(folder)) return this.above.get(folder);
    const owner = this.folders.get(folder) ?? this.ofFolder(parentOf(folder));
    this.above.set(folder, owner);
    return owner;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export interface StrayFolder {
  readonly kind: StrayKind;
  /** Relative to the campaign root; "." is the root itself. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** Name of the first. */
  readonly first: string;
}

/** By kind, then as they come. */
export function strayFolders(strays: readonly Stray[]): StrayFolder[] {
  const folders = new Map<string, { -readonly [K in keyof StrayFolder]: StrayFolder[K] }>();
  for (const { kind, path, bytes } of strays) {
    const folder = parentOf(path) || ".";
    const id = `${kind} ${folder}`;
    const known = folders.get(id);
    if (!known) folders.set(id, { kind, folder, files: 1, bytes, first: path.slice(path.lastIndexOf("/") + 1) });
    else [known.files, known.bytes] = [known.files + 1, known.bytes + bytes];
  }
  return [...folders.values()].sort((a, b) => STRAY_KINDS.indexOf(a.kind) - STRAY_KINDS.indexOf(b.kind));
}
