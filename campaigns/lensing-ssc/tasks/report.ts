// Stage report: the verdict on all redshifts as text, as JSON and as a figure. Reads what ratio(zs) wrote; computes no ratio.
import type { FanInElement, JobContext } from "cmc";
import type { RatioRecord } from "../files/ratio-record.ts";
import { extreme, headlineBins, orderingViolations, seedMismatches, varianceTrend, zsText } from "../report/across.ts";
import { type Check, judge, type Thresholds } from "../report/checks.ts";
import { figure } from "../report/figure.ts";
import { verdict } from "../report/verdict.ts";

export interface ReportParams {
  readonly thresholds: Thresholds;
}

export type ReportContext = JobContext<
  ReportParams,
  { ratios: readonly FanInElement[] },
  "verdict" | "summary" | "figure"
>;

function reportMetrics(ctx: ReportContext, records: readonly RatioRecord[], checks: readonly Check[]): void {
  const texts = (level: Check["level"]) => checks.filter((check) => check.level === level).map(({ text }) => text);
  const lines = (name: string, detail: readonly string[]) => ctx.metric(name, detail.length, { detail });
  ctx.metric("redshifts", records.length, { detail: records.map(({ zs }) => zs) });
  lines("failedChecks", texts("FAIL"));
  lines("warnings", texts("WARN"));
  lines("seedMismatches", seedMismatches(records));
  lines("orderingViolations", orderingViolations(records));
  const excluded = records.flatMap((record) =>
    record.excluded.map(({ box, row }) => `row ${row} of ${box} at ${zsText(record.zs)}`),
  );
  lines("systematicPatches", excluded);
  const mean = extreme(headlineBins(records, "mean"), (value) => Math.abs(value - 1));
  ctx.metric("clMeanRatioError", Math.abs(mean.value - 1), { detail: { ...mean } });
  const variance = headlineBins(records, "variance");
  const [low, high] = [extreme(variance, (value) => -value), extreme(variance, (value) => value)];
  ctx.metric("clVarianceRatioMin", low.value, { detail: { ...low } });
  ctx.metric("clVarianceRatioMax", high.value, { detail: { ...high } });
  const trend = varianceTrend(records);
  const significance = trend.error > 0 ? trend.change / trend.error : 0;
  ctx.metric("varianceTrendSigma", significance, { unit: "standard errors", detail: { ...trend } });
}

export async function report(ctx: ReportContext): Promise<void> {
  ctx.phase("load");
  if (ctx.inputs.ratios.length === 0) throw new Error("report refused: no redshift to report on");
  const records = ctx.inputs.ratios
    .map(({ path }) => JSON.parse(ctx.readText(path)) as RatioRecord)
    .sort((a, b) => a.zs - b.zs);

  ctx.phase("compute");
  const checks = judge(records, ctx.params.thresholds);
  reportMetrics(ctx, records, checks);
  const text = verdict(records, checks);

  ctx.phase("write");
  ctx.writeText(ctx.outputs.verdict, text);
  ctx.writeText(ctx.outputs.summary, JSON.stringify({ checks, redshifts: records }) + "\n");
  ctx.writeText(ctx.outputs.figure, await figure(records));
  for (const { level, text: line } of checks) ctx.log(`${level}  ${line}`);
}
