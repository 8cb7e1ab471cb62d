// The metrics of mocks and spectra as jobs report them. A job with several boxes reports the worst of each. No thresholds.
import type { JobContext } from "cmc";
import type { MockChecks } from "../physics/mock-checks.ts";
import type { SpectrumChecks } from "../physics/spectrum-checks.ts";

type Reporter = Pick<JobContext, "metric">;
type Worst = (values: readonly number[]) => number;

const smallest: Worst = (values) => Math.min(...values);
const largest: Worst = (values) => Math.max(...values);
/** The value farthest from zero, with its sign. */
const farthest: Worst = (values) =>
  values.reduce((worst, value) => (Math.abs(value) > Math.abs(worst) ? value : worst));
const mean: Worst = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const mockTable: Readonly<Record<keyof MockChecks, readonly [Worst, string]>> = {
  nHalos: [mean, "1"],
  nHalosDeviation: [farthest, "1"],
  nHalosPull: [farthest, "sigma"],
  nHalosBeyondError: [largest, "1"],
  nGalaxies: [mean, "1"],
  nGalaxiesDeviation: [farthest, "1"],
  nGalaxiesPull: [farthest, "sigma"],
  satelliteFraction: [mean, "1"],
  massFunctionPValue: [smallest, "1"],
  finiteFraction: [smallest, "1"],
  inBoxFraction: [smallest, "1"],
  maxSpeed: [largest, "km/s"],
  logMassMargin: [smallest, "dex"],
  validHostFraction: [smallest, "1"],
};

const spectrumTable: Readonly<Record<keyof SpectrumChecks, readonly [Worst, string]>> = {
  lowShellsMaxPull: [largest, "sigma"],
  lowShellsMinPValue: [smallest, "1"],
  rsdRatioDeviation: [farthest, "1"],
  rsdRatioPull: [farthest, "sigma"],
  rsdRatioBeyondError: [largest, "1"],
  shotNoiseDeviation: [largest, "1"],
};

export function mockMetrics(ctx: Reporter, checks: readonly MockChecks[]): void {
  report(ctx, mockTable, checks);
}

export function spectrumMetrics(ctx: Reporter, checks: readonly SpectrumChecks[]): void {
  report(ctx, spectrumTable, checks);
}

function report<Checks extends Readonly<Record<keyof Checks, number>>>(
  ctx: Reporter,
  table: Readonly<Record<keyof Checks, readonly [Worst, string]>>,
  checks: readonly Checks[],
): void {
  for (const name of Object.keys(table) as (keyof Checks & string)[]) {
    const [worst, unit] = table[name];
    // A NaN survives Math.min and Math.max, but not a comparison: say it before the worst is chosen.
    const values: readonly number[] = checks.map((check) => check[name]);
    ctx.metric(name, values.some(Number.isNaN) ? NaN : worst(values), { unit });
  }
}
