// Panels of the scatter between boxes: variance over its Gaussian expectation, correlation matrix, galaxy counts. Data inline.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { ALARM, BAND, FAINT, INK, MONOPOLE, QUADRUPOLE, QUIET } from "./palette.ts";
import {
  domainOf,
  expectation,
  key,
  lastWavenumber,
  narrow,
  points,
  spectra,
  tall,
  vertical,
  wavenumber,
  wide,
  type Point,
  type Panel,
} from "./view.ts";

/** The band is the sampling error of this many boxes around 1. */
export function variancePanel(record: EnsembleRecord, kGaussian: number): Panel {
  const monopoles = spectra.slice(0, 2);
  const band = record.shellStatistics.map(({ k, p0: { varianceRatioError: error } }) => ({
    k,
    low: 1 - error,
    high: 1 + error,
  }));
  const values = record.shellStatistics.flatMap(({ k, ...shell }) =>
    monopoles.map(({ name, colour }, i): Point => {
      const { varianceRatio: value, varianceRatioError: error } = shell[name];
      return { k: k + (i - 0.5) * 0.002, colour, value, low: value - error, high: value + error };
    }),
  );
  const x = wavenumber(record);
  const y = vertical(
    "Var(P₀) / Gaussian",
    domainOf(
      values.flatMap(({ low, high }) => [low, high]),
      0.2,
    ),
    6,
    ".1f",
  );
  return {
    width: wide,
    height: tall,
    title: {
      text: "Variance of P₀ against the Gaussian expectation",
      subtitle: [
        `band: sampling error of ${record.realizations.length} boxes`,
        `it must be Gaussian left of the line, k < ${kGaussian} h/Mpc; to the right mode coupling adds`,
      ],
    },
    layer: [
      {
        data: { values: band },
        mark: { type: "area", color: BAND },
        encoding: { x, y: y("low"), y2: { field: "high" } },
      },
      expectation(1, y),
      { data: { values: [{ k: kGaussian }] }, mark: { type: "rule", color: QUIET }, encoding: { x } },
      ...points(values, x, y),
      ...key(monopoles, tall, (wide * kGaussian) / lastWavenumber(record) + 14),
    ],
  };
}

/** Correlation of the redshift-space monopole between shells. */
export function correlationPanel(record: EnsembleRecord): Panel {
  const labels = record.shellStatistics.map(({ k }) => k.toFixed(3));
  const values = record.correlation.flatMap((row, i) => row.map((value, j) => ({ x: labels[j], y: labels[i], value })));
  const noise = (1 / Math.sqrt(record.realizations.length - 1)).toFixed(2);
  const axis = { domain: false, ticks: false, labelAngle: 0, labelFontSize: 10, labelOverlap: "parity" };
  const title = "k  [h/Mpc]";
  return {
    width: tall,
    height: tall,
    title: {
      text: "Correlation of P₀ between shells",
      subtitle: ["redshift space", `sampling noise of an entry: ±${noise}`],
    },
    data: { values },
    mark: { type: "rect", stroke: "white", strokeWidth: 1 },
    encoding: {
      x: { field: "x", type: "ordinal", sort: null, title, axis },
      y: { field: "y", type: "ordinal", sort: [...labels].reverse(), title, axis },
      color: {
        field: "value",
        type: "quantitative",
        scale: { domain: [-1, 0, 1], range: [QUADRUPOLE, "#f6f7f8", MONOPOLE], interpolate: "lab" },
        legend: { title: null, gradientLength: tall, gradientThickness: 10, tickCount: 5, format: "+.1f", offset: 16 },
      },
    },
  };
}

/** Deviation of every box from the expected count, with bands of one and two standard deviations between boxes. */
export function countsPanel(record: EnsembleRecord): Panel {
  const { mean, sigma } = record.expectedGalaxies;
  const percent = (100 * sigma) / mean;
  const values = record.nGalaxies.map((count, i) => ({
    realization: record.realizations[i],
    value: 100 * (count / mean - 1),
    colour: Math.abs(count - mean) > 4 * sigma ? ALARM : INK,
  }));
  const bands = [2, 1].map((level) => ({
    data: { values: [{ low: -level * percent, high: level * percent }] },
    mark: { type: "rect", color: level === 1 ? FAINT : BAND },
    encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
  }));
  const domain = domainOf([-3 * percent, 3 * percent, ...values.map(({ value }) => value)], 0.05);
  const y = vertical("N / expected − 1  [%]", domain, 6, "+.1f");
  return {
    width: narrow,
    height: tall,
    title: {
      text: "Galaxies a box",
      subtitle: [
        `deviation from the ${Math.round(mean)} expected`,
        "bands: one and two standard deviations between boxes",
      ],
    },
    layer: [
      ...bands,
      expectation(0, y),
      {
        data: { values },
        mark: { type: "point", filled: true, size: values.length > 200 ? 8 : 34, opacity: 0.9 },
        encoding: {
          x: {
            field: "realization",
            type: "quantitative",
            title: "realisation",
            scale: { nice: false, zero: false, padding: 8 },
            axis: { grid: false, format: "d", tickMinStep: 1 },
          },
          y: y("value"),
          color: { field: "colour", type: "nominal", scale: null },
        },
      },
    ],
  };
}
