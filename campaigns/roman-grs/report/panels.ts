// Panels of the figure for one redshift as Vega-Lite view specifications: spectra, ratio to theory, variance, counts. Data inline.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { ALARM, BAND, FAINT, INK, MONOPOLE, QUADRUPOLE, QUIET, REAL } from "./palette.ts";

/** A Vega-Lite view specification. Its own type needs the DOM library, which campaigns do not have. */
export type View = Readonly<Record<string, unknown>>;

const width = 440;
const height = 270;

const spectra = [
  { name: "p0Real", label: "P₀ real space", colour: REAL },
  { name: "p0", label: "P₀ redshift space", colour: MONOPOLE },
  { name: "p2", label: "P₂ redshift space", colour: QUADRUPOLE },
] as const;

function wavenumber(record: EnsembleRecord, title: string | null): View {
  const last = record.shellStatistics.at(-1)!.k;
  const first = record.shellStatistics[0]!.k;
  return {
    field: "k",
    type: "quantitative",
    title,
    scale: { domain: [0, last + first / 2], nice: false },
    axis: { grid: false, tickCount: 8, labels: title !== null },
  };
}

/** Labels in the colours of what they name, one below the other; `x` and `y` in pixels. */
function key(entries: readonly { label: string; colour: string }[], x: number, y: number): View[] {
  return entries.map(({ label, colour }, i) => ({
    data: { values: [{}] },
    mark: {
      type: "text",
      text: label,
      color: colour,
      align: "left",
      baseline: "top",
      fontSize: 12,
      fontWeight: 600,
      x,
      y: y + 17 * i,
    },
  }));
}

/** k P(k) of all three spectra: points with the error of the mean, exact theory as line, linear theory dashed. */
export function spectraPanel(record: EnsembleRecord): View {
  const root = Math.sqrt(record.realizations.length);
  const values = record.shellStatistics.flatMap((shell) =>
    spectra.map(({ name, colour }) => {
      const { mean, sigma, theory, linear } = shell[name];
      const [low, high] = [mean - sigma / root, mean + sigma / root].map((value) => value * shell.k);
      return {
        k: shell.k,
        colour,
        mean: mean * shell.k,
        low,
        high,
        theory: theory * shell.k,
        linear: linear * shell.k,
      };
    }),
  );
  const x = wavenumber(record, null);
  const y = (field: string): View => ({
    field,
    type: "quantitative",
    title: "k P(k)  [(Mpc/h)²]",
    scale: { zero: true },
    axis: { tickCount: 6, format: "d" },
  });
  const color = { field: "colour", type: "nominal", scale: null };
  return {
    width,
    height: height - 80,
    title: {
      text: "Power spectra",
      subtitle: "mean of all boxes; line: exact Zel'dovich expectation; dashed: linear theory",
    },
    data: { values },
    layer: [
      {
        mark: { type: "line", strokeDash: [2, 3], strokeWidth: 1.2, opacity: 0.8 },
        encoding: { x, y: y("linear"), color },
      },
      { mark: { type: "line", strokeWidth: 1.6, opacity: 0.65 }, encoding: { x, y: y("theory"), color } },
      { mark: { type: "rule", strokeWidth: 1.6 }, encoding: { x, y: y("low"), y2: { field: "high" }, color } },
      { mark: { type: "point", filled: true, size: 38, opacity: 1 }, encoding: { x, y: y("mean"), color } },
      ...key(spectra, width - 130, 4),
    ],
  };
}

/** Both monopoles over the exact expectation. */
export function theoryRatioPanel(record: EnsembleRecord): View {
  const root = Math.sqrt(record.realizations.length);
  const values = record.shellStatistics.flatMap((shell) =>
    spectra.slice(0, 2).map(({ name, colour }, i) => {
      const { mean, sigma, theory } = shell[name];
      const [ratio, error] = [mean / theory, sigma / theory / root];
      return { k: shell.k + (i - 0.5) * 0.0012, colour, ratio, low: ratio - error, high: ratio + error };
    }),
  );
  const x = wavenumber(record, "k  [h/Mpc]");
  const y = (field: string): View => ({
    field,
    type: "quantitative",
    title: "P₀ / theory",
    scale: { zero: false, padding: 6 },
    axis: { tickCount: 4, format: ".2f" },
  });
  const color = { field: "colour", type: "nominal", scale: null };
  return {
    width,
    height: 70,
    data: { values },
    layer: [
      {
        data: { values: [{}] },
        mark: { type: "rule", color: QUIET, strokeDash: [4, 3] },
        encoding: { y: { datum: 1 } },
      },
      { mark: { type: "rule", strokeWidth: 1.6 }, encoding: { x, y: y("low"), y2: { field: "high" }, color } },
      { mark: { type: "point", filled: true, size: 30, opacity: 1 }, encoding: { x, y: y("ratio"), color } },
    ],
  };
}

/** Sample variance over Gaussian expectation; the band is the sampling error of this many boxes around 1. */
export function variancePanel(record: EnsembleRecord, kGaussian: number): View {
  const band = record.shellStatistics.map(({ k, p0 }) => ({
    k,
    low: 1 - p0.varianceRatioError,
    high: 1 + p0.varianceRatioError,
  }));
  const values = record.shellStatistics.flatMap((shell) =>
    spectra.slice(0, 2).map(({ name, colour }, i) => {
      const { varianceRatio: ratio, varianceRatioError: error } = shell[name];
      return { k: shell.k + (i - 0.5) * 0.0018, colour, ratio, low: ratio - error, high: ratio + error };
    }),
  );
  const x = wavenumber(record, "k  [h/Mpc]");
  const y = (field: string): View => ({
    field,
    type: "quantitative",
    title: "Var(P₀) / Gaussian",
    scale: { zero: false, padding: 8 },
    axis: { tickCount: 6, format: ".1f" },
  });
  const color = { field: "colour", type: "nominal", scale: null };
  return {
    width,
    height,
    title: {
      text: "Variance against the Gaussian expectation",
      subtitle: `band: sampling error of ${record.realizations.length} boxes; left of the line fields must be Gaussian, right of it mode coupling adds`,
    },
    layer: [
      {
        data: { values: band },
        mark: { type: "area", color: BAND },
        encoding: { x, y: y("low"), y2: { field: "high" } },
      },
      {
        data: { values: [{}] },
        mark: { type: "rule", color: QUIET, strokeDash: [4, 3] },
        encoding: { y: { datum: 1 } },
      },
      { data: { values: [{ k: kGaussian }] }, mark: { type: "rule", color: QUIET }, encoding: { x } },
      {
        data: { values },
        mark: { type: "rule", strokeWidth: 1.4 },
        encoding: { x, y: y("low"), y2: { field: "high" }, color },
      },
      {
        data: { values },
        mark: { type: "point", filled: true, size: 38, opacity: 1 },
        encoding: { x, y: y("ratio"), color },
      },
      ...key(spectra.slice(0, 2), 8, 4),
    ],
  };
}

/** Correlation matrix of the redshift-space monopole. */
export function correlationPanel(record: EnsembleRecord): View {
  const labels = record.shellStatistics.map(({ k }) => k.toFixed(3));
  const values = record.correlation.flatMap((row, i) =>
    row.map((value, j) => ({ x: labels[j], y: labels[i], value, size: i === j ? null : value })),
  );
  const noise = (1 / Math.sqrt(record.realizations.length - 1)).toFixed(2);
  const axis = { domain: false, ticks: false, labelAngle: 0, labelFontSize: 10, labelOverlap: "parity" };
  return {
    width: height,
    height,
    title: {
      text: "Correlation of P₀ between shells",
      subtitle: `redshift space; an entry's noise is ±${noise}`,
    },
    data: { values },
    mark: { type: "rect", stroke: "white", strokeWidth: 1 },
    encoding: {
      x: { field: "x", type: "ordinal", sort: null, title: "k  [h/Mpc]", axis },
      y: { field: "y", type: "ordinal", sort: [...labels].reverse(), title: "k  [h/Mpc]", axis },
      color: {
        field: "value",
        type: "quantitative",
        scale: { domain: [-1, 0, 1], range: [QUADRUPOLE, "#f6f7f8", MONOPOLE] },
        legend: {
          title: null,
          gradientLength: height,
          gradientThickness: 10,
          tickCount: 5,
          format: "+.1f",
          offset: 14,
        },
      },
    },
  };
}

/** Galaxies in every box over the expectation; bands of one and two standard deviations between boxes. */
export function countsPanel(record: EnsembleRecord): View {
  const { mean, sigma } = record.expectedGalaxies;
  const percent = (100 * sigma) / mean;
  const values = record.nGalaxies.map((count, i) => ({
    realization: record.realizations[i],
    deviation: 100 * (count / mean - 1),
    colour: Math.abs(count - mean) > 4 * sigma ? ALARM : INK,
  }));
  const bands = [2, 1].map((level) => ({
    data: { values: [{ low: -level * percent, high: level * percent }] },
    mark: { type: "rect", color: level === 1 ? FAINT : BAND },
    encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
  }));
  return {
    width,
    height,
    title: {
      text: "Galaxies a box",
      subtitle: `deviation from the ${Math.round(mean)} expected; bands: one and two sigma between boxes`,
    },
    layer: [
      ...bands,
      {
        data: { values: [{}] },
        mark: { type: "rule", color: QUIET, strokeDash: [4, 3] },
        encoding: { y: { datum: 0 } },
      },
      {
        data: { values },
        mark: { type: "point", filled: true, size: record.realizations.length > 200 ? 8 : 34, opacity: 0.9 },
        encoding: {
          x: {
            field: "realization",
            type: "quantitative",
            title: "realisation",
            scale: { nice: false, padding: 8 },
            axis: { grid: false, format: "d", tickMinStep: 1 },
          },
          y: {
            field: "deviation",
            type: "quantitative",
            title: "N / expected − 1  [%]",
            axis: { tickCount: 6, format: "+.1f" },
          },
          color: { field: "colour", type: "nominal", scale: null },
        },
      },
    ],
  };
}
