// Measures that need every redshift at once: are the sets complete and in order, does the ratio change. No thresholds.
import { type BoxRecord, headlineOf, type RatioRecord } from "../files/ratio-record.ts";

/** "zs 2.0": a redshift as it is written in file names. */
export function zsText(zs: number): string {
  return `zs ${zs.toFixed(1)}`;
}

export function boxesOf(record: RatioRecord): readonly [BoxRecord, BoxRecord] {
  return [record.numerator, record.denominator];
}

/** One bin of the headline statistic at one redshift. */
export interface HeadlineBin {
  readonly value: number;
  readonly zs: number;
  /** "l 2625". */
  readonly at: string;
}

/** The unmasked bins of the headline statistic, clean rows, of every redshift. */
export function headlineBins(records: readonly RatioRecord[], table: "mean" | "variance"): readonly HeadlineBin[] {
  return records.flatMap((record) =>
    headlineOf(record).ratios.clean[table].flatMap((value, bin) =>
      value === null ? [] : [{ value, zs: record.zs, at: `l ${Math.round(record.ell[bin]!)}` }],
    ),
  );
}

/** The bin with the largest `measure`. A record without a single usable bin of the headline is refused. */
export function extreme(bins: readonly HeadlineBin[], measure: (value: number) => number): HeadlineBin {
  const [first] = bins;
  if (first === undefined) throw new Error("every bin of the headline statistic is masked: there is nothing to judge");
  return bins.reduce((a, b) => (measure(b.value) > measure(a.value) ? b : a), first);
}

/** Neighbouring redshifts between which mean C_l or sigma does not rise, although more matter lies in front. */
export function orderingViolations(records: readonly RatioRecord[]): readonly string[] {
  return records.slice(1).flatMap((record, index) => {
    const before = records[index];
    if (before === undefined) return [];
    return boxesOf(record).flatMap((box, side) => {
      const earlier = boxesOf(before)[side === 0 ? 0 : 1];
      const between = `${box.box}, ${zsText(before.zs)} to ${record.zs.toFixed(1)}`;
      const cl = box.meanCl.some((value, bin) => value <= earlier.meanCl[bin]!) ? [`C_l of ${between}`] : [];
      return box.meanSigma <= earlier.meanSigma ? [...cl, `sigma of ${between}`] : cl;
    });
  });
}

/** Seeds that some redshift has and another lacks, per box. */
export function seedMismatches(records: readonly RatioRecord[]): readonly string[] {
  return (["numerator", "denominator"] as const).flatMap((side) => {
    const everywhere = new Set(records.flatMap((record) => record[side].seeds));
    return records.flatMap((record) => {
      const lacking = [...everywhere].filter((seed) => !record[side].seeds.includes(seed));
      return lacking.length === 0
        ? []
        : [`${record[side].box} at ${zsText(record.zs)} lacks seed ${lacking.join(", ")}`];
    });
  });
}

export interface Trend {
  /** Variance ratio of the headline, averaged over bins, at the highest redshift minus that at the lowest. */
  readonly change: number;
  /** As if the two were independent; the same seeds make it an upper limit. */
  readonly error: number;
}

export function varianceTrend(records: readonly RatioRecord[]): Trend {
  const first = records[0] && headlineOf(records[0]).ratios.clean.overall;
  const latest = records[records.length - 1];
  const last = latest && headlineOf(latest).ratios.clean.overall;
  if (records.length < 2 || !first || !last) return { change: 0, error: 0 };
  return { change: last.variance - first.variance, error: Math.hypot(first.error, last.error) };
}

/** One box at one redshift, for what is said about sets. */
export interface NamedBox {
  readonly box: BoxRecord;
  readonly zs: number;
  /** Rows of all seeds. */
  readonly patches: number;
}

export function everyBox(records: readonly RatioRecord[]): readonly NamedBox[] {
  return records.flatMap((record) =>
    boxesOf(record).map((box) => ({ box, zs: record.zs, patches: box.seeds.length * record.rows.all })),
  );
}

/** Rows that are systematic at one redshift and stay in at another, with the robust z they reach there. */
export function keptElsewhere(
  records: readonly RatioRecord[],
): readonly { row: number; box: string; zs: number; score: number }[] {
  const rows = new Map(
    records.flatMap(({ excluded }) => excluded.map(({ row, box }) => [`${box} ${row}`, { row, box }])),
  );
  return [...rows.values()].flatMap(({ row, box }) =>
    records.flatMap((record) => {
      if (record.excluded.some((one) => one.row === row)) return [];
      const scores = boxesOf(record).find((one) => one.box === box)?.scores ?? [];
      return [{ row, box, zs: record.zs, score: scores[row]! }];
    }),
  );
}
