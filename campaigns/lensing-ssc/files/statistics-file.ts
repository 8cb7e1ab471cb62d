// Reads one LensingSSC statistics file: all of its statistics of all of its rows, checked against the layout. One open.
import type { Hdf5, Hdf5Reader } from "cmc";
import { binnedStatistics, sigmaStatistics, type Statistic } from "../statistics/layout.ts";
import { type Metadata, readMetadata } from "./metadata.ts";

export interface StatisticsFile {
  readonly path: string;
  readonly metadata: Metadata;
  /** As the authors wrote it; differs from file to file and is never compared. "" when absent. */
  readonly created: string;
  readonly rows: number;
  /** Values by dataset path: float32, rows x bins (sigma: rows). */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** What the layout demands and the file does not have, in words. Values of these datasets are absent. */
  readonly faults: readonly string[];
}

export function everyStatistic(metadata: Metadata): readonly Statistic[] {
  const { ngal_list, sl_list } = metadata;
  return [...binnedStatistics(ngal_list, sl_list), ...sigmaStatistics(ngal_list, sl_list)];
}

/** Values of one statistic, or what is wrong with it. A look-up costs as much as the values: one before the read. */
function readStatistic(file: Hdf5Reader, { path, kind }: Statistic, bins: number): Float32Array | string {
  let found: ReturnType<Hdf5Reader["info"]>;
  try {
    found = file.info(path);
  } catch (error) {
    return file.has(path) ? String(error) : `${path} is absent`;
  }
  const { shape, dtype } = found;
  if (dtype !== "f4") return `${path} is ${dtype}, not f4`;
  const wanted = kind === "sigma" ? 1 : 2;
  if (shape.length !== wanted || (wanted === 2 && shape[1] !== bins)) {
    const expected = wanted === 1 ? "(rows)" : `(rows, ${bins})`;
    return `${path} has shape (${shape.join(", ")}), not ${expected}`;
  }
  return file.read(path) as Float32Array;
}

export function readStatisticsFile(hdf5: Hdf5, path: string): StatisticsFile {
  return hdf5.open(path, (file) => {
    const metadata = readMetadata(file, path);
    const created = file.attribute("metadata/parameters", "creation_date");
    const values = new Map<string, Float32Array>();
    const faults: string[] = [];
    let rows: number | undefined;
    for (const statistic of everyStatistic(metadata)) {
      const read = readStatistic(file, statistic, metadata.nbin);
      if (typeof read === "string") {
        faults.push(read);
        continue;
      }
      const itsRows = statistic.kind === "sigma" ? read.length : read.length / metadata.nbin;
      rows ??= itsRows;
      if (itsRows !== rows) faults.push(`${statistic.path} has ${itsRows} rows, the statistics before it ${rows}`);
      else values.set(statistic.path, read);
    }
    if (rows === 0) faults.push("it has no rows");
    return { path, metadata, created: String(created ?? ""), rows: rows ?? 0, values, faults };
  });
}
