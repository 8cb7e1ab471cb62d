// What a tick has to know of an apply, `metadata/runs/<run>.json`: written by apply, read by every tick until nothing is left to do. Not the state:
// what happened is in the journals.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Site } from "../../site/site.ts";
import { replaceFile } from "../../state/replace-file.ts";
import { errno } from "../../state/write-error.ts";

export interface RunFile {
  readonly run: string;
  readonly startedAt: number;
  /** Absolute. */
  readonly bundle: string;
  readonly campaignDir: string;
  readonly site: Site;
  /** By batch, the number of each job's first attempt in this run; earlier ones are history. Absent batch: 1 for all. */
  readonly first: Readonly<Record<string, readonly number[]>>;
  /** Of jobs outside the run whose receipts hold no more, the attempt from which on a success counts. Absent: there are none. */
  readonly stale?: Readonly<Record<string, number>>;
}

function folder(root: string): string {
  return join(root, "metadata", "runs");
}

export function writeRun(root: string, file: RunFile): void {
  mkdirSync(folder(root), { recursive: true });
  replaceFile(join(folder(root), `${file.run}.json`), `${JSON.stringify(file)}\n`);
}

/** Latest first: a job belongs to the latest run that planned it. */
export function openRuns(root: string): readonly RunFile[] {
  return namesOf(root)
    .map((name) => JSON.parse(readFileSync(join(folder(root), name), "utf8")) as RunFile)
    .sort((a, b) => b.startedAt - a.startedAt || (a.run < b.run ? 1 : -1));
}

/** Asked by every plan: reads one folder and no file. */
export function inProgress(root: string): boolean {
  return namesOf(root).length > 0;
}

function namesOf(root: string): readonly string[] {
  try {
    return readdirSync(folder(root)).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if (errno(error) === "ENOENT") return [];
    throw error;
  }
}

export function closeRun(root: string, run: string): void {
  rmSync(join(folder(root), `${run}.json`), { force: true });
}
