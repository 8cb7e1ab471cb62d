// The bottom row of the figure when there are several redshifts: one number a redshift with its error. Data inline.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { MONOPOLE, QUADRUPOLE, REAL } from "./palette.ts";
import { domainOf, expectation, points, vertical, type Panel } from "./view.ts";

interface Summary {
  readonly title: string;
  readonly axis: string;
  readonly colour: string;
  readonly expected: number;
  readonly of: (record: EnsembleRecord) => { readonly value: number; readonly error: number };
}

const check = ({ checks }: EnsembleRecord, name: string): number => checks[name] ?? NaN;

const summaries: readonly Summary[] = [
  {
    title: "Variance ratio, large scales",
    axis: "Var(P₀) / Gaussian",
    colour: REAL,
    expected: 1,
    of: (record) => ({ value: check(record, "varianceRatioMean"), error: check(record, "varianceRatioMeanError") }),
  },
  {
    title: "Redshift-space ratio, large scales",
    axis: "from Kaiser  [%]",
    colour: MONOPOLE,
    expected: 0,
    of: (record) => ({ value: 100 * check(record, "kaiserDeviation"), error: 100 * check(record, "kaiserError") }),
  },
  {
    title: "Mean galaxy density",
    axis: "from theory  [%]",
    colour: QUADRUPOLE,
    expected: 0,
    of: ({ checks, expectedGalaxies: { mean, sigma }, realizations }) => ({
      value: 100 * (checks.meanDensityDeviation ?? NaN),
      error: (100 * sigma) / mean / Math.sqrt(realizations.length),
    }),
  },
];

export function redshiftPanels(records: readonly EnsembleRecord[]): Panel[] {
  return summaries.map((summary) => summaryPanel(records, summary));
}

function summaryPanel(records: readonly EnsembleRecord[], { title, axis, colour, expected, of }: Summary): Panel {
  const values = records.map((record) => {
    const { value, error } = of(record);
    return { redshift: record.redshift, colour, value, low: value - error, high: value + error };
  });
  const x = {
    field: "redshift",
    type: "quantitative",
    title: "redshift",
    scale: { zero: false, nice: false, padding: 14 },
    axis: { grid: false, tickCount: 6 },
  };
  const y = vertical(axis, domainOf([expected, ...values.flatMap(({ low, high }) => [low, high])]), 5, "");
  return { width: 250, height: 165, title, layer: [expectation(expected, y), ...points(values, x, y)] };
}
