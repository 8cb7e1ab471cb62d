// The docket of a run: every job that was planned, with what it needs, as the bundle has it. Read from the bundle; what became of them is standing.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CampaignIR } from "../../ir/campaign.ts";
import type { ResourcesIR, StageIR } from "../../ir/stage.ts";
import type { JobLine } from "../../ir/job.ts";
import type { TaskLine } from "../../ir/task-line.ts";
import { shareOf } from "../../plan/readiness.ts";
import type { ArrayDescription } from "../../render/pack.ts";
import type { PoolDescription } from "../../render/pool.ts";
import type { RunFile } from "./run-file.ts";

/** Upstream jobs of one input. */
export interface Need {
  readonly keys: readonly string[];
  /** So many of them must have results. */
  readonly needed: number;
  /** What is missing is left out. */
  readonly quorum: boolean;
}

export interface DocketJob {
  readonly key: string;
  readonly stage: StageIR;
  readonly array: ArrayDescription;
  readonly batch: string;
  readonly line: number;
  /** Number of its first attempt in this run. */
  readonly first: number;
  readonly recipe: string;
  readonly needs: readonly Need[];
  /** Of one job. */
  readonly resources: ResourcesIR;
}

export interface Docket {
  readonly run: RunFile;
  readonly campaign: CampaignIR;
  /** In the order in which they are to be run: upstream stages first. */
  readonly jobs: readonly DocketJob[];
  readonly arrays: ReadonlyMap<string, ArrayDescription>;
  readonly pools: readonly PoolDescription[];
}

interface BatchEntry {
  readonly id: string;
  readonly stage: string;
}

/** @param taken keys that belong to a later run: left out */
export function readDocket(run: RunFile, taken: ReadonlySet<string>): Docket {
  const campaign = readJson<CampaignIR>(run, "campaign.json");
  const index = readJson<{ readonly files: Readonly<Record<string, unknown>> }>(run, "bundle.json");
  const scripts = Object.keys(index.files).filter((path) => path.startsWith("slurm/"));
  const named = scripts.filter((path) => path.endsWith(".tasks")).map((path) => path.slice(6, -6));
  const arrays = new Map(named.map((name) => [name, readJson<ArrayDescription>(run, `slurm/${name}.json`)]));
  const pools = scripts
    .filter((path) => /^slurm\/pool(-\d+)?\.json$/.test(path))
    .map((path) => readJson<PoolDescription>(run, path));
  const arrayOf = arraysByLine(run, arrays);
  const stages = new Map(campaign.stages.map((stage) => [stage.name, stage]));
  const jobs = readJson<readonly BatchEntry[]>(run, "batches.json").flatMap(({ id, stage }) =>
    linesOf(run, `jobs/${id}.jsonl`).flatMap((text, line) => {
      const job = JSON.parse(text) as JobLine;
      if (taken.has(job.key)) return [];
      const first = run.first[id]?.[line] ?? 1;
      return [docketJob(stages.get(stage)!, job, arrayOf(id, line), { batch: id, line, first })];
    }),
  );
  return { run, campaign, jobs, arrays, pools };
}

function docketJob(
  stage: StageIR,
  job: JobLine,
  array: ArrayDescription,
  place: Pick<DocketJob, "batch" | "line" | "first">,
): DocketJob {
  const { walltime: _ofTheTask, ...common } = array.resources;
  const walltime = stage.resources.walltime ?? array.jobWalltime;
  return {
    key: job.key,
    stage,
    array,
    ...place,
    recipe: job.recipe.digest,
    needs: stage.inputs.flatMap((input) => {
      const given = job.inputs[input.port];
      if (input.kind !== "edge" || given?.kind !== "edge") return [];
      const keys = given.elements.map((element) => element.key);
      const quorum = input.join === "quorum";
      return [{ keys, quorum, needed: quorum ? shareOf(input.fraction ?? 1, keys.length) : keys.length }];
    }),
    resources: { ...common, ...(walltime === undefined ? {} : { walltime }), ...stage.resources, ...job.resources },
  };
}

/** Slices of a batch's lines, by array. */
function arraysByLine(run: RunFile, arrays: ReadonlyMap<string, ArrayDescription>) {
  const slices = new Map<string, { from: number; to: number; array: ArrayDescription }[]>();
  for (const [name, array] of arrays)
    for (const text of linesOf(run, `slurm/${name}.tasks`)) {
      const line = JSON.parse(text) as TaskLine;
      if (!("batch" in line)) continue;
      const known = slices.get(line.batch) ?? [];
      known.push({ from: line.from, to: line.to, array });
      slices.set(line.batch, known);
    }
  return (batch: string, line: number): ArrayDescription => {
    const slice = slices.get(batch)?.find(({ from, to }) => from <= line && line < to);
    if (!slice) throw new Error(`line ${line} of batch ${batch} is in no task list of the bundle`);
    return slice.array;
  };
}

function readJson<T>(run: RunFile, path: string): T {
  return JSON.parse(readFileSync(join(run.bundle, path), "utf8")) as T;
}

function linesOf(run: RunFile, path: string): string[] {
  const text = readFileSync(join(run.bundle, path), "utf8").trimEnd();
  return text === "" ? [] : text.split("\n");
}
