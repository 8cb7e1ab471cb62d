// The staging directory of one attempt: where a job writes before anything counts. Made, filled with the job file, taken back; publishing is publish.ts.
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import type { StageIR } from "../ir/stage.ts";
import type { JobLine } from "../ir/job.ts";
import type { ResolvedInputs } from "./inputs.ts";

export interface Staging {
  readonly directory: string;
  /** Output name -> absolute path the job writes. File names are those of the published files: programs look at extensions. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly jobFile: string;
  readonly metricsFile: string;
  readonly kept: KeptFile;
}

/** The job file, held open from job to job. Absent fd: not written yet. */
interface KeptFile {
  fd?: number;
  length: number;
}

const JOB_FILE = "cmc-job.json";
const METRICS_FILE = "cmc-metrics.ndjson";
const OUT = "out";
/** As many as wait for the disk at once in the middle of a stream of short jobs. */
const MOST_SPARE = 64;

/**
 * Makes staging directories and keeps clean ones for the next attempts: renaming it costs 15 us, where rmdir and mkdir cost 200
 * on ext4. What a job left in it, however little, sends it to be removed instead.
 */
export class StagingArea {
  private readonly spare: { readonly directory: string; readonly kept: KeptFile }[] = [];

  constructor(private readonly root: string) {}

  make(attemptId: string, stage: StageIR, job: JobLine): Staging {
    const directory = join(this.root, "staging", attemptId);
    const kept = this.place(directory);
    const outputs: Record<string, string> = {};
    const taken = new Set<string>();
    for (const output of stage.outputs) {
      const name = basename(job.outputs[output.name]!);
      const folder = taken.has(name) ? join(directory, OUT, `+${output.name}`) : join(directory, OUT);
      if (taken.has(name)) mkdirSync(folder);
      taken.add(name);
      outputs[output.name] = join(folder, name);
      if (output.kind === "dir") mkdirSync(outputs[output.name]!);
    }
    return { directory, outputs, jobFile: join(directory, JOB_FILE), metricsFile: join(directory, METRICS_FILE), kept };
  }

  /** Left-overs that cannot be removed are swept by the next apply; they are never a reason to fail. */
  takeBack({ directory, kept }: Staging): void {
    try {
      if (this.spare.length < MOST_SPARE && isClean(directory, kept)) this.spare.push({ directory, kept });
      else discard(directory, kept);
    } catch {
      // swept later
    }
  }

  close(): void {
    for (const { directory, kept } of this.spare.splice(0)) discard(directory, kept);
  }

  private place(directory: string): KeptFile {
    const spare = this.spare.pop();
    if (spare)
      try {
        renameSync(spare.directory, directory);
        return spare.kept;
      } catch {
        // somebody swept it: make a new one
        if (spare.kept.fd !== undefined) closeSync(spare.kept.fd);
      }
    mkdirSync(directory);
    mkdirSync(join(directory, OUT));
    return { length: 0 };
  }
}

/** Only `out`, empty, and the job file this worker wrote: not one that the job put in its place. */
function isClean(directory: string, { fd }: KeptFile): boolean {
  const names = readdirSync(directory);
  const expected = fd === undefined ? [OUT] : [JOB_FILE, OUT];
  if (names.length !== expected.length || !expected.every((name) => names.includes(name))) return false;
  return readdirSync(join(directory, OUT)).length === 0 && (fd === undefined || fstatSync(fd).nlink === 1);
}

function discard(directory: string, { fd }: KeptFile): void {
  if (fd !== undefined) closeSync(fd);
  rmSync(directory, { recursive: true, force: true });
}

/**
 * The JSON a command finds at CMC_JOB_FILE. Output paths are those in staging. Written over the last one and padded with spaces:
 * truncating a file makes ext4 allocate its blocks at close (auto_da_alloc), 1.8 ms a job where a write costs 10 us.
 */
export function writeJobFile({ outputs, jobFile, kept }: Staging, job: JobLine, inputs: ResolvedInputs): void {
  const { key, stage, point, params } = job;
  const text = Buffer.from(`${JSON.stringify({ key, stage, point, params, inputs: inputs.values, outputs })}\n`);
  const bytes = text.length >= kept.length ? text : Buffer.concat([text, Buffer.alloc(kept.length - text.length, " ")]);
  kept.fd ??= openSync(jobFile, "wx");
  for (let at = 0; at < bytes.length;) at += writeSync(kept.fd, bytes, at, bytes.length - at, at);
  kept.length = bytes.length;
}
