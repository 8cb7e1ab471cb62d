// The bottom row of the figure when there are several redshifts: one number a redshift with its error. Data inline.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { INK, MONOPOLE, QUADRUPOLE, QUIET, REAL } from "./palette.ts";
import type { View } from "./panels.ts";

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
    axis: "deviation from Kaiser  [%]",
    colour: MONOPOLE,
    expected: 0,
    of: (record) => ({ value: 100 * check(record, "kaiserDeviation"), error: 100 * check(record, "kaiserError") }),
  },
  {
    title: "Mean galaxy density",
    axis: "deviation from theory  [%]",
    colour: QUADRUPOLE,
    expected: 0,
    of: ({ checks, expectedGalaxies: { mean, sigma }, realizations }) => ({
      value: 100 * (checks.meanDensityDeviation ?? NaN),
      error: (100 * sigma) / mean / Math.sqrt(realizations.length),
    }),
  },
];

export function redshiftRow(records: readonly EnsembleRecord[]): View {
  return { hconcat: summaries.map((summary) => summaryPanel(records, summary)), spacing: 40 };
}

function summaryPanel(records: readonly EnsembleRecord[], { title, axis, colour, expected, of }: Summary): View {
  const values = records.map((record) => {
    const { value, error } = of(record);
    return { z: record.redshift, value, low: value - error, high: value + error };
  });
  const x = {
    field: "z",
    type: "quantitative",
    title: "redshift",
    scale: { zero: false, nice: false, padding: 14 },
    axis: { grid: false },
  };
  const y = (field: string): View => ({
    field,
    type: "quantitative",
    title: axis,
    scale: { zero: false, padding: 8 },
    axis: { tickCount: 5 },
  });
  return {
    width: 262,
    height: 130,
    title: { text: title, color: INK },
    layer: [
      {
        data: { values: [{}] },
        mark: { type: "rule", color: QUIET, strokeDash: [4, 3] },
        encoding: { y: { datum: expected } },
      },
      {
        data: { values },
        mark: { type: "rule", color: colour, strokeWidth: 1.6 },
        encoding: { x, y: y("low"), y2: { field: "high" } },
      },
      {
        data: { values },
        mark: { type: "point", filled: true, size: 40, opacity: 1, color: colour },
        encoding: { x, y: y("value") },
      },
    ],
  };
}
