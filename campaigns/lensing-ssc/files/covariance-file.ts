// The covariance HDF5 of one redshift: mean and covariance of every statistic of both boxes and every selection of rows.
import type { Hdf5 } from "cmc";
import { type Covariance, authorsFactor } from "../statistics/covariance.ts";
import type { Selection } from "../statistics/exclusion.ts";

/** Covariances in the order of the statistics, for one box and selection. */
export interface CovarianceSet {
  readonly box: string;
  readonly selection: Selection;
  readonly covariances: readonly Covariance[];
}

/**
 * Layout: `statistics` str (S), the dataset paths; for each box and selection the group `{box}/{selection}` with
 * `mean` f8 (S, bins), `covariance` f8 (S, bins, bins; ddof 1), `covariance_authors` (the same times
 * (n-p-2)/(n-1)) and the attribute `samples`, n. Root attribute zs.
 */
export function writeCovariances(
  hdf5: Hdf5,
  path: string,
  zs: number,
  statistics: readonly string[],
  sets: readonly CovarianceSet[],
): void {
  hdf5.create(path, (file) => {
    file.attribute("/", "zs", zs, "f8");
    file.dataset("statistics", { dtype: "str", shape: [statistics.length], data: statistics });
    for (const { box, selection, covariances } of sets) {
      const bins = covariances[0]?.bins ?? 0;
      const samples = covariances[0]?.samples ?? 0;
      const group = `${box}/${selection}`;
      const factor = authorsFactor(samples, bins);
      const mean = Float64Array.from(covariances.flatMap((one) => Array.from(one.mean)));
      const data = Float64Array.from(covariances.flatMap((one) => Array.from(one.values)));
      const shape = [covariances.length, bins, bins];
      file.dataset(`${group}/mean`, { dtype: "f8", shape: [covariances.length, bins], data: mean });
      file.dataset(`${group}/covariance`, { dtype: "f8", shape, data });
      file.dataset(`${group}/covariance_authors`, { dtype: "f8", shape, data: data.map((value) => value * factor) });
      file.attribute(group, "samples", samples, "i4");
    }
  });
}
