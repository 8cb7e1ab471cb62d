// The merged HDF5 file of one (box, zs): every statistic of every seed in one file, and the reader for it. No checks.
import type { Hdf5 } from "cmc";
import type { Statistic } from "../statistics/layout.ts";
import type { Stack } from "../statistics/stack.ts";
import { type Metadata, readMetadata, writeMetadata } from "./metadata.ts";
import { everyStatistic } from "./statistics-file.ts";

/** What merge found out about the shape noise; -1 where the spectra could not tell. */
export interface NoiseSummary {
  /** Different noise maps among all patches of all seeds. */
  readonly distinct: number;
  /** Largest |measured / expected - 1| of the noise level over ngal and bins. */
  readonly levelError: number;
}

export interface MergedSet {
  readonly box: string;
  readonly zs: number;
  /** Ascending; the first extent of every dataset. */
  readonly seeds: readonly number[];
  readonly rows: number;
  readonly metadata: Metadata;
  /** When each seed's file was made, as it says. */
  readonly created: readonly string[];
  readonly noise: NoiseSummary;
  /** By dataset path as in the inputs: float32 [seed][row][bin]; sigma has one bin. */
  readonly stacks: ReadonlyMap<string, Stack>;
}

/**
 * Layout: the paths of a statistics file with one more extent in front, f4 (seeds, rows, bins) and sigma (seeds, rows);
 * `seeds` i4 and `creation_dates` beside them; `metadata/parameters` as in the inputs; root attributes box, zs, rows,
 * distinct_noise_realisations, noise_level_error.
 */
export function writeMerged(hdf5: Hdf5, path: string, merged: MergedSet): void {
  const { seeds, rows } = merged;
  hdf5.create(path, (file) => {
    file.attribute("/", "box", merged.box, "str");
    file.attribute("/", "zs", merged.zs, "f8");
    file.attribute("/", "rows", rows, "i4");
    file.attribute("/", "distinct_noise_realisations", merged.noise.distinct, "i4");
    file.attribute("/", "noise_level_error", merged.noise.levelError, "f8");
    file.dataset("seeds", { dtype: "i4", shape: [seeds.length], data: Int32Array.from(seeds) });
    file.dataset("creation_dates", { dtype: "str", shape: [seeds.length], data: merged.created });
    writeMetadata(file, merged.metadata);
    for (const statistic of everyStatistic(merged.metadata)) {
      const stack = stackOf(merged, statistic);
      const shape = statistic.kind === "sigma" ? [seeds.length, rows] : [seeds.length, rows, stack.bins];
      file.dataset(statistic.path, { dtype: "f4", shape, data: stack.values as Float32Array });
    }
  });
}

/** Reads a whole merged file. Its box and redshift are what the file says, not what its name says. */
export function readMerged(hdf5: Hdf5, path: string): MergedSet {
  return hdf5.open(path, (file) => {
    const number = (name: string): number => {
      const value = file.attribute("/", name);
      if (typeof value !== "number")
        throw new Error(`${path}: attribute ${name} is absent; merge did not write this file`);
      return value;
    };
    const metadata = readMetadata(file, path);
    const seeds = Array.from(file.numbers("seeds"));
    const rows = number("rows");
    const stacks = new Map<string, Stack>();
    for (const { path: name, kind } of everyStatistic(metadata)) {
      const bins = kind === "sigma" ? 1 : metadata.nbin;
      stacks.set(name, { seeds: seeds.length, rows, bins, values: file.read(name) as Float32Array });
    }
    return {
      box: String(file.attribute("/", "box")),
      zs: number("zs"),
      seeds,
      rows,
      metadata,
      created: file.read("creation_dates") as readonly string[],
      noise: { distinct: number("distinct_noise_realisations"), levelError: number("noise_level_error") },
      stacks,
    };
  });
}

export function stackOf(merged: MergedSet, statistic: Statistic): Stack {
  const stack = merged.stacks.get(statistic.path);
  if (stack === undefined) throw new Error(`${merged.box}, zs ${merged.zs}: no ${statistic.path} in the merged set`);
  return stack;
}
