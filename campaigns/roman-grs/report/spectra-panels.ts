// Panels of the mean spectra: k P(k) with theory, and the monopoles over theory below it on the same axis. Data inline.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import {
  colourField,
  domainOf,
  expectation,
  key,
  points,
  spectra,
  tall,
  vertical,
  wavenumber,
  wide,
  type Point,
  type Panel,
  type View,
} from "./view.ts";

export const ratioHeight = 76;
const gap = 14;

/** Points with the error of the mean; Zel'dovich theory as line, linear theory dotted. */
export function spectraPanel(record: EnsembleRecord): Panel {
  const height = tall - ratioHeight - gap;
  const root = Math.sqrt(record.realizations.length);
  const measured = record.shellStatistics.flatMap(({ k, ...shell }) =>
    spectra.map(({ name, colour }): Point => {
      const { mean, sigma } = shell[name];
      const error = sigma / root;
      return { k, colour, value: k * mean, low: k * (mean - error), high: k * (mean + error) };
    }),
  );
  const theory = record.shellStatistics.flatMap(({ k, ...shell }) =>
    spectra.map(({ name, colour }) => ({ k, colour, theory: k * shell[name].theory, linear: k * shell[name].linear })),
  );
  const x = wavenumber(record, false);
  const domain = domainOf([0, ...measured.map(({ high }) => high)], 0);
  const y = vertical("k P(k)  [(Mpc/h)²]", domain, 6, "d");
  const line = (field: string, mark: View): View => ({
    data: { values: theory },
    mark: { type: "line", ...mark },
    encoding: { x, y: y(field), color: colourField },
  });
  return {
    width: wide,
    height,
    title: {
      text: "Power spectra",
      subtitle: ["mean of all boxes with its error", "line: Zel'dovich expectation; dotted: linear theory"],
    },
    layer: [
      line("linear", { strokeDash: [2, 3], strokeWidth: 1.3 }),
      line("theory", { strokeWidth: 1.6, opacity: 0.6 }),
      ...points(measured, x, y),
      ...key(spectra, height),
    ],
  };
}

/** The monopoles over their expectation, to stand below the spectra. */
export function ratioPanel(record: EnsembleRecord): Panel {
  const root = Math.sqrt(record.realizations.length);
  const values = record.shellStatistics.flatMap(({ k, ...shell }) =>
    spectra.slice(0, 2).map(({ name, colour }, i): Point => {
      const { mean, sigma, theory } = shell[name];
      const [value, error] = [mean / theory, sigma / theory / root];
      return { k: k + (i - 0.5) * 0.0014, colour, value, low: value - error, high: value + error };
    }),
  );
  const domain = domainOf([1, ...values.flatMap(({ low, high }) => [low, high])]);
  const y = vertical("P₀ / theory", domain, 4, ".2f");
  return {
    width: wide,
    height: ratioHeight,
    layer: [expectation(1, y), ...points(values, wavenumber(record), y, 28)],
  };
}
