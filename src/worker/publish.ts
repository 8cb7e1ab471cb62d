// Publishing: staged files to disk, then to their place by rename. A target either is what it was before or is complete.
import {
  closeSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  type Stats,
} from "node:fs";
import { dirname, join } from "node:path";
import type { OutputIR, StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import type { CheckFact, OutputFact } from "../state/receipt.ts";
import { faultPoint } from "../state/fault.ts";
import type { Digests } from "./digest.ts";
import { errno } from "../state/write-error.ts";
import { AttemptFailure, ioFailure, step } from "./failure.ts";
import { folderFact, mtimeText } from "./file-fact.ts";
import type { Staging } from "./staging.ts";

/** Every declared output is staged and of the declared kind, and its target can be replaced. Looked at before anything is renamed. */
export function presenceChecks(
  stage: StageIR,
  job: JobLine,
  root: string,
  staged: Readonly<Record<string, string>>,
): CheckFact[] {
  return stage.outputs.flatMap((output) => {
    const path = job.outputs[output.name]!;
    const problem =
      wrongKind(output, lstatIfThere(staged[output.name]!)) ??
      wrongTarget(output, lstatIfThere(join(root, path)), path);
    return problem === undefined
      ? []
      : [{ output: output.name, check: "output/kind", passed: false, message: problem }];
  });
}

function wrongKind(output: OutputIR, stats: Stats | undefined): string | undefined {
  if (!stats) return `output ${output.name} was not written`;
  if (stats.isSymbolicLink()) return `output ${output.name} is a symbolic link; write the file itself`;
  if (output.kind === "dir")
    return stats.isDirectory() ? undefined : `output ${output.name} is a file, a folder was declared`;
  return stats.isFile()
    ? undefined
    : `output ${output.name} is ${stats.isDirectory() ? "a folder" : "not a regular file"}, a file was declared`;
}

function wrongTarget(output: OutputIR, target: Stats | undefined, path: string): string | undefined {
  if (!target || target.isSymbolicLink()) return undefined;
  if (output.kind !== "dir" && target.isDirectory())
    return `a folder stands where ${output.name} is to be published: ${path}`;
  if (output.kind === "dir" && !target.isDirectory())
    return `a file stands where folder ${output.name} is to be published: ${path}`;
  return undefined;
}

/** Data of every staged output to disk; with it a power cut after the rename cannot leave an empty file under a final name. */
export async function syncStaged(stage: StageIR, staged: Readonly<Record<string, string>>): Promise<void> {
  for (const output of stage.outputs) {
    const path = staged[output.name]!;
    try {
      await (output.kind === "dir" ? syncTree(path) : syncData(path));
    } catch (error) {
      throw ioFailure(`writing ${output.name} to disk`, error);
    }
  }
}

/** Renames every output to its place, folders swapped. `folders` makes the renames durable, before the receipt is. */
export function renameStaged(
  stage: StageIR,
  job: JobLine,
  root: string,
  staging: Staging,
  folders: TouchedFolders,
): void {
  stage.outputs.forEach((output, index) => {
    const target = join(root, job.outputs[output.name]!);
    step(`publishing ${output.name}`, () => {
      if (output.kind === "dir") setAside(target, join(staging.directory, `old-${index}`));
      folders.rename(staging.outputs[output.name]!, target);
    });
    faultPoint("worker/renamed");
  });
}

/** rename cannot replace a folder that is not empty; the old one goes with the staging directory. */
function setAside(target: string, aside: string): void {
  if (!lstatIfThere(target)) return;
  renameSync(target, aside);
  faultPoint("worker/set-aside");
}

/** Facts of the published outputs: after the rename, so that they are what a later `stat` sees. */
export function outputFacts(stage: StageIR, job: JobLine, root: string, digests: Digests): OutputFact[] {
  return stage.outputs.map((output) => {
    const path = job.outputs[output.name]!;
    const absolute = join(root, path);
    const sha256 = digests[output.name];
    const content = sha256 === undefined ? {} : { sha256 };
    if (output.kind === "dir") return { name: output.name, path, ...folderFact(absolute), ...content };
    const stats = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
    if (!stats) throw new AttemptFailure("validation", `${path} disappeared while it was published`);
    return { name: output.name, path, size: Number(stats.size), mtime: mtimeText(stats.mtimeNs), ...content };
  });
}

/**
 * Folders that got new entries. Those reach the disk together, once a sync of the journal: an fsync a job was a quarter of the time of a
 * short one.
 */
export class TouchedFolders {
  private readonly touched = new Set<string>();

  /** The folder of `to` is made where it is missing: looking first would cost every job what the first one needs. */
  rename(from: string, to: string): void {
    const folder = dirname(to);
    try {
      renameSync(from, to);
    } catch (error) {
      if (errno(error) !== "ENOENT") throw error;
      this.make(folder);
      renameSync(from, to);
    }
    this.touched.add(folder);
  }

  private make(folder: string): void {
    const first = mkdirSync(folder, { recursive: true });
    if (first === undefined) return;
    // New folders are entries of their parents: those have to be on disk too.
    for (let at = folder; at.length >= first.length; at = dirname(at)) this.touched.add(dirname(at));
  }

  /** Entries are durable on return. A folder that somebody has removed meanwhile has none. */
  sync(): void {
    for (const folder of this.touched) if (lstatIfThere(folder)) syncPath(folder);
    this.touched.clear();
  }
}

function lstatIfThere(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncData(path);
  }
  await syncData(folder);
}

/** Off the main thread: other attempts go on while the disk works. Opening and closing are too cheap to leave it. */
function syncData(path: string): Promise<void> {
  const fd = openSync(path, "r");
  return new Promise((resolve, reject) =>
    fsync(fd, (error) => {
      closeSync(fd);
      if (error) reject(error);
      else resolve();
    }),
  );
}

function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
