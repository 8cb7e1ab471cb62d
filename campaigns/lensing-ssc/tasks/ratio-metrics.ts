// The numbers by which ratio(zs) is judged: what was excluded, whether the covariances are usable, how far the boxes differ.
import type { JobContext } from "cmc";
import type { CovarianceSet } from "../files/covariance-file.ts";
import { headlineOf, type RatioRecord } from "../files/ratio-record.ts";
import { asymmetry, smallestEigenvalue } from "../statistics/covariance.ts";

type Metrics = Pick<JobContext, "metric">;

/** Systematic rows: found and set aside (shown), and left over (fatal). */
export function reportSystematics(ctx: Metrics, record: RatioRecord): void {
  const { excluded, rows, rule } = record;
  const boxes = [record.numerator, record.denominator];
  const detail = excluded.map(({ box, row, direction, evidence }) => {
    const [worst] = evidence;
    return {
      box,
      row,
      longitudeDeg: direction.longitudeDeg,
      latitudeDeg: direction.latitudeDeg,
      boxAxis: direction.axis,
      boxAxisSeparationDeg: direction.axisSeparationDeg,
      statistics: evidence.length,
      worst: worst === undefined ? null : { ...worst },
      why: `beyond ${rule.sigma} robust sigma in more than ${rule.seedFraction} of the seeds`,
    };
  });
  ctx.metric("systematicRows", excluded.length, { detail });
  ctx.metric("systematicRowsFraction", (rows.all - rows.clean) / rows.all);
  ctx.metric("systematicRowsRemaining", record.remaining, {
    detail: "rows still systematic after all that were found had been set aside",
  });
  const sigmas = excluded.flatMap(({ evidence }) => evidence.map(({ worst }) => worst));
  ctx.metric("systematicWorstSigma", Math.max(0, ...sigmas), { unit: "robust sigma" });
  ctx.metric("unjudgedBins", Math.max(...boxes.map(({ unjudgedBins }) => unjudgedBins)), {
    detail: "bins of rare events whose MAD is no scale; they accuse nobody",
  });
}

/** Every covariance of every box and selection: symmetric, positive semi-definite, more samples than bins + 2. */
export function reportCovariances(ctx: Metrics, record: RatioRecord, sets: readonly CovarianceSet[]): void {
  let smallest = { value: Infinity, of: "none" };
  let worstAsymmetry = 0;
  let margin = Infinity;
  for (const { box, selection, covariances } of sets) {
    covariances.forEach((one, index) => {
      const statistic = record.statistics[index];
      const ratio = statistic?.ratios[selection].variance ?? [];
      const kept = ratio.flatMap((value, bin) => (value === null ? [] : [bin]));
      const eigenvalue = smallestEigenvalue(one.values, one.bins, kept);
      if (eigenvalue !== undefined && !(eigenvalue >= smallest.value)) {
        smallest = { value: eigenvalue, of: `${box}, ${selection} rows, ${statistic?.label ?? ""}` };
      }
      worstAsymmetry = Math.max(worstAsymmetry, asymmetry(one.values, one.bins));
      margin = Math.min(margin, one.samples - one.bins - 2);
    });
  }
  ctx.metric("covarianceSmallestEigenvalue", smallest.value, {
    detail: `of the correlation matrices without degenerate bins; ${smallest.of}`,
  });
  ctx.metric("covarianceAsymmetry", worstAsymmetry);
  ctx.metric("covarianceSampleMargin", margin, { detail: "rows - bins - 2, smallest of all sets" });
}

/** The published statement: means agree, variances of C_l differ by O(10 %). Clean rows, noiseless C_l. */
export function reportRatios(ctx: Metrics, record: RatioRecord): void {
  const { clean, all } = headlineOf(record).ratios;
  const present = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const variance = present(clean.variance);
  const worstMean = Math.max(...present(clean.mean).map((value) => Math.abs(value - 1)));
  ctx.metric("clMeanRatioError", worstMean, { detail: { perBin: clean.mean, errors: clean.meanError } });
  ctx.metric("clVarianceRatioMin", Math.min(...variance), {
    detail: { perBin: clean.variance, errors: clean.varianceError },
  });
  ctx.metric("clVarianceRatioMax", Math.max(...variance));
  ctx.metric("clVarianceRatioMean", clean.overall?.variance ?? 0, { detail: { error: clean.overall?.error ?? null } });
  ctx.metric("clVarianceRatioMinIfKept", Math.min(...present(all.variance)), {
    detail: "what the smallest variance ratio would have been with every row kept; no gate",
  });
  ctx.metric("maskedBins", record.degenerateBins, {
    detail: "degenerate bins over all statistics; masked, not divided",
  });
}
