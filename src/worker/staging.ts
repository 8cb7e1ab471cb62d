// The staging directory of one attempt: where a job writes before anything counts. Made, filled with the job file, taken back; publishing is publish.ts.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { StageIR } from "../ir/campaign.ts";
import type { JobLine } from "../ir/job.ts";
import type { ResolvedInputs } from "./inputs.ts";

export interface Staging {
  readonly directory: string;
  /** Output name -> absolute path the job writes. File names are those of the published files: programs look at extensions. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly jobFile: string;
  readonly metricsFile: string;
}

const JOB_FILE = "cmc-job.json";
const METRICS_FILE = "cmc-metrics.ndjson";
const OUT = "out";

/**
 * Makes staging directories and keeps one clean one for the next attempt: renaming it costs 15 us, where rmdir and mkdir cost 200
 * on ext4. What a job left in it, however little, sends it to be removed instead.
 */
export class StagingArea {
  private spare: string | undefined;

  constructor(private readonly root: string) {}

  make(attemptId: string, stage: StageIR, job: JobLine): Staging {
    const directory = join(this.root, "staging", attemptId);
    this.place(directory);
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
    return { directory, outputs, jobFile: join(directory, JOB_FILE), metricsFile: join(directory, METRICS_FILE) };
  }

  /** Left-overs that cannot be removed are swept by the next apply; they are never a reason to fail. */
  takeBack({ directory }: Staging): void {
    try {
      if (this.spare === undefined && isClean(directory)) this.spare = directory;
      else rmSync(directory, { recursive: true, force: true });
    } catch {
      // swept later
    }
  }

  close(): void {
    if (this.spare !== undefined) rmSync(this.spare, { recursive: true, force: true });
    this.spare = undefined;
  }

  private place(directory: string): void {
    const { spare } = this;
    this.spare = undefined;
    if (spare !== undefined)
      try {
        return renameSync(spare, directory);
      } catch {
        // somebody swept it: make a new one
      }
    mkdirSync(directory);
    mkdirSync(join(directory, OUT));
  }
}

/** The job file may stay: it is written over. */
function isClean(directory: string): boolean {
  const names = readdirSync(directory);
  return names.every((name) => name === OUT || name === JOB_FILE) && names.includes(OUT) && readdirSync(join(directory, OUT)).length === 0;
}

/** The JSON a command finds at CMC_JOB_FILE. Output paths are those in staging. */
export function writeJobFile(staging: Staging, job: JobLine, inputs: ResolvedInputs): void {
  const { key, stage, point, params } = job;
  writeFileSync(staging.jobFile, JSON.stringify({ key, stage, point, params, inputs: inputs.values, outputs: staging.outputs }));
}
