// Stage report: the verdict on all redshifts as text and as a figure. Reads what covariance(z) wrote; computes no physics.
import type { FanInElement, Gate, JobContext } from "cmc";
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { figure } from "../report/figure.ts";
import { judge } from "../report/judge.ts";
import { verdict } from "../report/verdict.ts";

export interface ReportParams {
  /** Thresholds on the checks of every redshift, by name; their metrics are those of stage covariance. */
  readonly gates: Readonly<Record<string, Gate>>;
  /** Marked in the figure: below it the variance must be Gaussian, h/Mpc. */
  readonly kGaussian: number;
}

export type ReportContext = JobContext<ReportParams, { records: readonly FanInElement[] }, "verdict" | "figure">;

export async function report(ctx: ReportContext): Promise<void> {
  ctx.phase("load");
  if (ctx.inputs.records.length === 0) throw new Error("report on no redshift");
  const records = ctx.inputs.records
    .map(({ path }) => JSON.parse(ctx.readText(path)) as EnsembleRecord)
    .sort((a, b) => a.redshift - b.redshift);

  ctx.phase("compute");
  const judgements = judge(records, ctx.params.gates);
  const failed = judgements.filter(({ level }) => level === "FAIL");
  const warned = judgements.filter(({ level }) => level === "WARN");
  ctx.metric("redshifts", records.length, { unit: "1" });
  ctx.metric("failedChecks", failed.length, {
    unit: "1",
    detail: failed.map(({ gate, redshift }) => `${gate} at z = ${redshift}`),
  });
  ctx.metric("warnedChecks", warned.length, {
    unit: "1",
    detail: warned.map(({ gate, redshift }) => `${gate} at z = ${redshift}`),
  });

  ctx.phase("write");
  ctx.writeText(ctx.outputs.verdict, verdict(records, judgements));
  ctx.writeText(ctx.outputs.figure, await figure(records, ctx.params.kGaussian));
  for (const { level, gate, redshift } of [...failed, ...warned]) ctx.log(`${level}  ${gate} at z = ${redshift}`);
}
