// The JSON that ratio(zs) hands to the report: every number and finding of one redshift. Shape only.
import type { Exclusion, Selection } from "../statistics/exclusion.ts";
import type { Statistic } from "../statistics/layout.ts";
import type { Ratios } from "../statistics/ratio.ts";
import type { SystematicRule } from "../statistics/systematic.ts";
import type { NoiseSummary } from "./merged-file.ts";

export interface BoxRecord {
  readonly box: string;
  readonly seeds: readonly number[];
  /** Mean noiseless C_l l(l+1)/2pi per bin, clean rows. */
  readonly meanCl: readonly number[];
  /** Mean rms of the noiseless map at the smallest smoothing, clean rows. */
  readonly meanSigma: number;
  readonly noise: NoiseSummary;
  /** Per row: the robust z exceeded in more than the rule's share of the seeds, largest over statistics and bins. */
  readonly scores: readonly number[];
  readonly judgedBins: number;
  readonly unjudgedBins: number;
}

export interface StatisticRecord extends Statistic {
  readonly label: string;
  readonly ratios: Readonly<Record<Selection, Ratios>>;
}

export interface RatioRecord {
  readonly zs: number;
  readonly numerator: BoxRecord;
  readonly denominator: BoxRecord;
  /** Rows a seed before any cut, and in each selection. */
  readonly rows: Readonly<Record<Selection, number>>;
  readonly ell: readonly number[];
  readonly nu: readonly number[];
  readonly rule: SystematicRule;
  readonly excluded: readonly Exclusion[];
  /** Rows still systematic after every one that was found had been set aside: 0, or the set is beyond repair. */
  readonly remaining: number;
  /** Longitude and latitude of every row in degrees. */
  readonly positions: readonly (readonly [longitude: number, latitude: number])[];
  /** Path of the statistic the verdict is about: C_l of the smallest ngal. */
  readonly headline: string;
  readonly statistics: readonly StatisticRecord[];
  /** Bins masked as degenerate in the clean selection, over all statistics. */
  readonly degenerateBins: number;
}

export function headlineOf(record: RatioRecord): StatisticRecord {
  const found = record.statistics.find(({ path }) => path === record.headline);
  if (found === undefined) throw new Error(`zs ${record.zs}: no ${record.headline} among the ratios`);
  return found;
}
