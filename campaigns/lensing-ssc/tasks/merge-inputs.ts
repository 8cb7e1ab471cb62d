// Which files merge(box, zs) may stack: one redshift, each seed once, measured alike, complete. Anything else is refused.
import type { Hdf5, JobContext } from "cmc";
import { metadataDifferences } from "../files/metadata.ts";
import { readStatisticsFile, type StatisticsFile } from "../files/statistics-file.ts";
import { parseFileName } from "../statistics/layout.ts";
import { redshiftOf } from "./point.ts";

export interface MergeParams {
  /** Seeds the set must have. Absent: whatever files the campaign lists are the set. */
  readonly seeds?: readonly number[];
}

export type MergeContext = JobContext<MergeParams, { stats: readonly string[] }, "merged">;

export interface NamedInput {
  readonly seed: number;
  readonly path: string;
}

/** Shows the first few of a list of problems; the count is a metric. */
export function few(problems: readonly string[]): string {
  const shown = problems.slice(0, 3).join("; ");
  return problems.length > 3 ? `${shown}; and ${problems.length - 3} more` : shown;
}

/** The input files by ascending seed. One redshift, no seed twice, none that was expected left out. */
export function nameInputs(ctx: MergeContext): readonly NamedInput[] {
  const paths = ctx.inputs.stats;
  const zs = redshiftOf(ctx.point);
  if (paths.length === 0) throw new Error(`merge refused: no statistics file for ${ctx.key}`);
  const named = paths.map((path) => ({ path, ...parseFileName(path) })).sort((a, b) => a.seed - b.seed);
  const strangers = named.filter((one) => one.zs !== zs);
  if (strangers.length > 0) {
    throw new Error(`merge refused: not of redshift ${zs}: ${few(strangers.map(({ path }) => path))}`);
  }
  const twice = named.filter((one, index) => one.seed === named[index - 1]?.seed);
  ctx.metric("duplicateSeeds", twice.length, { detail: twice.map(({ seed }) => seed) });
  if (twice.length > 0) {
    const both = twice.map(
      ({ seed }) =>
        `seed ${seed} in ${named
          .filter((n) => n.seed === seed)
          .map((n) => n.path)
          .join(" and ")}`,
    );
    throw new Error(`merge refused: the same seed twice: ${few(both)}`);
  }
  const have = new Set(named.map(({ seed }) => seed));
  const missing = (ctx.params.seeds ?? []).filter((seed) => !have.has(seed));
  ctx.metric("missingSeeds", missing.length, { detail: missing });
  return named;
}

/** Files that agree on metadata and number of rows and hold every statistic; anything else refuses the merge. */
export function readInputs(ctx: MergeContext, hdf5: Hdf5, named: readonly NamedInput[]): readonly StatisticsFile[] {
  const files = named.map(({ path }) => readStatisticsFile(hdf5, path));
  const [first] = files;
  const missing = files.flatMap(({ path, faults }) => faults.map((fault) => `${path}: ${fault}`));
  const unequal = files.flatMap((file) => {
    if (first === undefined) return [];
    const rows = file.rows === first.rows ? [] : [`rows: ${first.rows} against ${file.rows}`];
    return [...metadataDifferences(first.metadata, file.metadata), ...rows].map((text) => `${text} in ${file.path}`);
  });
  ctx.metric("missingStatistics", missing.length, { detail: missing.slice(0, 20) });
  ctx.metric("metadataDifferences", unequal.length, { detail: unequal.slice(0, 20) });
  if (missing.length > 0) throw new Error(`merge refused: incomplete statistics: ${few(missing)}`);
  if (unequal.length > 0) throw new Error(`merge refused: files measured differently: ${few(unequal)}`);
  return files;
}
