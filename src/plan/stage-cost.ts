// The cost of some jobs of one stage: hours from walltimes and measured run times, bytes and inodes from declared and measured sizes.
import type { StageTable } from "../expand/table.ts";
import type { OutputIR } from "../ir/stage.ts";
import type { JobState } from "../state/reduce.ts";
import type { Amounts, Bounds, CostAmounts, StageCost } from "./cost-value.ts";
import { measure, type StageMeasures } from "./measured.ts";
import { type Resolve, resourcesIn } from "./resources.ts";

export interface StageBasis {
  /** By global row; absent: nothing is known of the job. */
  readonly jobs: readonly (JobState | undefined)[];
  readonly resolve?: Resolve;
}

/** Of the rows that `wanted` takes. Stages without any are left out. */
export function stageCosts(
  stages: readonly StageTable[],
  basis: StageBasis,
  wanted: (row: number) => boolean,
): readonly StageCost[] {
  return stages.flatMap((stage) => stageCost(stage, basis, wanted) ?? []);
}

function stageCost(
  stage: StageTable,
  { jobs, resolve }: StageBasis,
  wanted: (row: number) => boolean,
): StageCost | undefined {
  const asked = demand(stage, resolve, wanted);
  if (asked.jobs === 0) return undefined;
  const measures = measure(stage, jobs);
  const { seconds } = measures;
  const bounds = ({ worst, each }: Sum): Bounds => ({
    ...(asked.bounded ? { worst: worst / 3600 } : {}),
    ...(seconds ? { expected: (seconds.median * each) / 3600 } : {}),
  });
  return {
    stage: stage.stage.name,
    jobs: asked.jobs,
    ...(asked.bounded ? { walltime: asked.longest } : {}),
    nodes: asked.nodes.each,
    ...(seconds ? { seconds } : {}),
    nodeHours: bounds(asked.nodes),
    coreHours: bounds(asked.cores),
    gpuHours: bounds(asked.gpus),
    bytes: times(asked.jobs, jobAmounts(stage.stage.outputs, measures, bytesOf)),
    inodes: times(asked.jobs, jobAmounts(stage.stage.outputs, measures, inodesIn)),
  };
}

/** `each`: how many, over all jobs; `worst`: times the seconds each job may take. */
interface Sum {
  worst: number;
  each: number;
}

interface Demand {
  jobs: number;
  /** Every job has a walltime. */
  bounded: boolean;
  longest: number;
  readonly nodes: Sum;
  readonly cores: Sum;
  readonly gpus: Sum;
}

function demand(stage: StageTable, resolve: Resolve | undefined, wanted: (row: number) => boolean): Demand {
  const sum = (): Sum => ({ worst: 0, each: 0 });
  const asked: Demand = { jobs: 0, bounded: true, longest: 0, nodes: sum(), cores: sum(), gpus: sum() };
  const add = (to: Sum, count: number, seconds: number) => {
    to.each += count;
    to.worst += count * seconds;
  };
  const resources = resourcesIn(stage, resolve);
  for (let i = 0; i < stage.count; i++) {
    if (!wanted(stage.first + i)) continue;
    const { walltime, nodes = 1, cpus = 1, gpus = 0 } = resources(i);
    asked.jobs += 1;
    if (walltime === undefined) asked.bounded = false;
    else asked.longest = Math.max(asked.longest, walltime);
    add(asked.nodes, nodes, walltime ?? 0);
    add(asked.cores, cpus, walltime ?? 0);
    add(asked.gpus, gpus, walltime ?? 0);
  }
  return asked;
}

type OutputMeasures = StageMeasures["outputs"][number];

/** A declared largest size is the worst case, as validators see to it; else what was measured. */
function bytesOf({ size }: OutputIR, { bytes }: OutputMeasures): Amounts {
  const worst = size?.max ?? bytes?.high;
  return {
    least: size?.min ?? 0,
    ...(bytes ? { expected: bytes.median } : {}),
    ...(worst === undefined ? {} : { worst }),
  };
}

/** A folder without receipts may hold any number of files. */
function inodesIn({ kind }: OutputIR, { inodes }: OutputMeasures): Amounts {
  if (kind !== "dir") return { least: 1, expected: 1, worst: 1 };
  return { least: 1, ...(inodes ? { expected: inodes.median, worst: inodes.high } : {}) };
}

function jobAmounts(
  outputs: readonly OutputIR[],
  measures: StageMeasures,
  of: (output: OutputIR, measures: OutputMeasures) => Amounts,
): Amounts {
  return sumAmounts(outputs.map((output, o) => of(output, measures.outputs[o]!)));
}

function times(jobs: number, { least, expected, worst }: Amounts): Amounts {
  return {
    least: least * jobs,
    ...(expected === undefined ? {} : { expected: expected * jobs }),
    ...(worst === undefined ? {} : { worst: worst * jobs }),
  };
}

/** Where one part has no bound, the sum has none; what was not measured is expected to be as small as it may be. */
function sumAmounts(parts: readonly Amounts[]): Amounts {
  const sum = (of: (part: Amounts) => number) => parts.reduce((total, part) => total + of(part), 0);
  const measured = parts.some(({ expected }) => expected !== undefined);
  return {
    least: sum(({ least }) => least),
    ...(measured ? { expected: sum(({ expected, least }) => expected ?? least) } : {}),
    ...(parts.every(({ worst }) => worst !== undefined) ? { worst: sum(({ worst }) => worst!) } : {}),
  };
}

/** An expectation of hours covers the stages that have one. */
function sumBounds(parts: readonly Bounds[]): Bounds {
  const expected = parts.filter((part) => part.expected !== undefined);
  return {
    ...(expected.length > 0 ? { expected: expected.reduce((total, part) => total + part.expected!, 0) } : {}),
    ...(parts.every(({ worst }) => worst !== undefined)
      ? { worst: parts.reduce((total, { worst }) => total + worst!, 0) }
      : {}),
  };
}

/** The worst case as far as it is known: more where a stage has no bound. */
export function worstKnown(stages: readonly StageCost[], kind: "bytes" | "inodes"): number {
  return stages.reduce((sum, { [kind]: { worst, expected, least } }) => sum + (worst ?? expected ?? least), 0);
}

export function sumCosts(costs: readonly CostAmounts[]): CostAmounts {
  return {
    nodeHours: sumBounds(costs.map(({ nodeHours }) => nodeHours)),
    coreHours: sumBounds(costs.map(({ coreHours }) => coreHours)),
    gpuHours: sumBounds(costs.map(({ gpuHours }) => gpuHours)),
    bytes: sumAmounts(costs.map(({ bytes }) => bytes)),
    inodes: sumAmounts(costs.map(({ inodes }) => inodes)),
  };
}
