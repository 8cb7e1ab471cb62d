// Checkpoints of a job: its folder, which survives attempts, and the warning that its time is nearly up. What is in the folder is the job's business.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointIR, StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import { signalGroup } from "./process-group.ts";

export interface Checkpoint extends CheckpointIR {
  readonly folder: string;
  /** The allocation ends soon. Absent: nobody will say so. */
  readonly warn?: AbortSignal;
}

/** Made, and empty or as the last attempt left it. Absent: the stage writes none. */
export function openCheckpoint(stage: StageIR, job: JobLine, root: string, warn?: AbortSignal): Checkpoint | undefined {
  if (!stage.checkpoint) return undefined;
  const folder = checkpointFolder(root, job);
  mkdirSync(folder, { recursive: true });
  return { ...stage.checkpoint, folder, ...(warn ? { warn } : {}) };
}

/** Of a job and its recipe: a job that was changed does not go on from what it was before. */
function checkpointFolder(root: string, { key, recipe }: JobLine): string {
  const name = createHash("sha256").update(`${key}\0${recipe.digest}`).digest("hex").slice(0, 16);
  return join(root, "checkpoints", name);
}

export function isCheckpoint({ exit, folder }: Checkpoint, code: number | null): boolean {
  return code === exit && readdirSync(folder).length > 0;
}

/** The receipt is there. What cannot be removed costs space, nothing else. */
export function removeCheckpoint(stage: StageIR, job: JobLine, root: string): void {
  if (!stage.checkpoint) return;
  try {
    rmSync(checkpointFolder(root, job), { recursive: true, force: true });
  } catch {
    // left behind
  }
}

/** Warns a process group before its walltime and before the end of the allocation. Returns what ends that. */
export function warnInTime(
  pid: number,
  { signal, before, warn }: Checkpoint,
  walltime: number | undefined,
): () => void {
  const tell = (): void => void signalGroup(pid, `SIG${signal}`);
  // A limit below `before` comes from an escalation or the site: half of it is better than a warning at the start.
  const at = walltime === undefined ? undefined : walltime > before ? walltime - before : walltime / 2;
  const clock = at === undefined ? undefined : setTimeout(tell, Math.min(at * 1000, 2 ** 31 - 1));
  warn?.addEventListener("abort", tell, { once: true });
  if (warn?.aborted) tell();
  return () => {
    clearTimeout(clock);
    warn?.removeEventListener("abort", tell);
  };
}
