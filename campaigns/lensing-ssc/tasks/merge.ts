// Stage merge(box, zs): stacks the statistics of all seeds into one file. Refuses what cannot be stacked; measures the rest.
import { type MergedSet, writeMerged } from "../files/merged-file.ts";
import { everyStatistic, type StatisticsFile } from "../files/statistics-file.ts";
import { emptyQuality, inspect } from "../statistics/quality.ts";
import type { Stack } from "../statistics/stack.ts";
import { type MergeContext, nameInputs, readInputs } from "./merge-inputs.ts";
import { reportCopies, reportNoise, reportQuality } from "./merge-metrics.ts";
import { boxOf, redshiftOf } from "./point.ts";

export type { MergeParams } from "./merge-inputs.ts";

function stackFiles(files: readonly StatisticsFile[], rows: number, bins: number, path: string): Stack {
  const values = new Float32Array(files.length * rows * bins);
  files.forEach((file, seed) => values.set(file.values.get(path) ?? [], seed * rows * bins));
  return { seeds: files.length, rows, bins, values };
}

export async function merge(ctx: MergeContext): Promise<void> {
  ctx.phase("start");
  const hdf5 = await ctx.hdf5();
  const named = nameInputs(ctx);
  const seeds = named.map(({ seed }) => seed);

  ctx.phase("load");
  const files = readInputs(ctx, hdf5, named);
  const [first] = files;
  if (first === undefined) return;
  const { metadata, rows } = first;

  ctx.phase("compute");
  const quality = emptyQuality();
  const widths = metadata.bins.slice(1).map((edge, bin) => edge - metadata.bins[bin]!);
  const stacks = new Map<string, Stack>();
  for (const statistic of everyStatistic(metadata)) {
    const stack = stackFiles(files, rows, statistic.kind === "sigma" ? 1 : metadata.nbin, statistic.path);
    inspect(quality, statistic, stack, seeds, widths);
    stacks.set(statistic.path, stack);
  }
  ctx.metric("seeds", seeds.length, { detail: seeds });
  ctx.metric("rowsPerSeed", rows);
  reportQuality(ctx, quality);
  const noise = reportNoise(ctx, stacks, metadata);

  const spectrum = stacks.get(everyStatistic(metadata).find(({ kind }) => kind === "cl")?.path ?? "");
  if (spectrum !== undefined) reportCopies(ctx, spectrum, seeds);

  ctx.phase("write");
  const set = { box: boxOf(ctx.point), zs: redshiftOf(ctx.point), seeds, rows, metadata };
  const merged: MergedSet = { ...set, created: files.map((file) => file.created), noise, stacks };
  writeMerged(hdf5, ctx.outputs.merged, merged);
  ctx.log(`${merged.box}, zs ${merged.zs}: ${seeds.length} seeds x ${rows} patches, ${stacks.size} statistics`);
}
