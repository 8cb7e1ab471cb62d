// The staging directory of one attempt: where a job writes before anything counts. Made, filled with the job file, removed; publishing is publish.ts.
import { mkdirSync, rmSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
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

export function makeStaging(root: string, attemptId: string, stage: StageIR, job: JobLine): Staging {
  const directory = join(root, "staging", attemptId);
  mkdirSync(directory);
  const outputs: Record<string, string> = {};
  if (stage.outputs.length > 0) {
    const folder = join(directory, "out");
    mkdirSync(folder);
    const taken = new Set<string>();
    for (const output of stage.outputs) {
      const name = basename(job.outputs[output.name]!);
      const own = taken.has(name) ? join(folder, `+${output.name}`) : folder;
      if (own !== folder) mkdirSync(own);
      taken.add(name);
      outputs[output.name] = join(own, name);
      if (output.kind === "dir") mkdirSync(outputs[output.name]!);
    }
  }
  return { directory, outputs, jobFile: join(directory, "cmc-job.json"), metricsFile: join(directory, "cmc-metrics.ndjson") };
}

/** The JSON a command finds at CMC_JOB_FILE. Output paths are those in staging. */
export function writeJobFile(staging: Staging, job: JobLine, inputs: ResolvedInputs): void {
  const { key, stage, point, params } = job;
  writeFileSync(staging.jobFile, JSON.stringify({ key, stage, point, params, inputs: inputs.values, outputs: staging.outputs }));
}

/** Almost always only the job file and an empty `out` are left, and two calls are 5 times cheaper than a recursive walk. */
export function removeStaging(staging: Staging): void {
  try {
    unlinkQuietly(staging.jobFile);
    unlinkQuietly(staging.metricsFile);
    if (Object.keys(staging.outputs).length > 0) rmdirSync(join(staging.directory, "out"));
    rmdirSync(staging.directory);
  } catch {
    rmSync(staging.directory, { recursive: true, force: true });
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
