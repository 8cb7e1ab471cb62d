// What the panels of the figure share: sizes, the wavenumber axis, points with errors, reference lines, colour keys.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { MONOPOLE, QUADRUPOLE, QUIET, REAL } from "./palette.ts";

/** A Vega-Lite view specification. Its own type needs the DOM library, which campaigns do not have. */
export type View = Readonly<Record<string, unknown>>;

/** A panel: a view with a frame of fixed size, pixels. */
export type Panel = View & { readonly width: number; readonly height: number };

export const wide = 450;
export const tall = 280;
/** Right column: a square matrix and its colour bar, or a panel as wide as both. */
export const narrow = 345;

export const spectra = [
  { name: "p0Real", label: "P₀ real space", colour: REAL },
  { name: "p0", label: "P₀ redshift space", colour: MONOPOLE },
  { name: "p2", label: "P₂ redshift space", colour: QUADRUPOLE },
] as const;

/** A value with its error bar; the abscissa has the field name of the panel's x axis. */
export interface Point {
  readonly k?: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

export const colourField: View = { field: "colour", type: "nominal", scale: null };

/** `labelled`: false for a panel that stands on another with the same axis. */
export function wavenumber(record: EnsembleRecord, labelled = true): View {
  return {
    field: "k",
    type: "quantitative",
    title: labelled ? "k  [h/Mpc]" : null,
    scale: { domain: [0, lastWavenumber(record)], nice: false },
    axis: { grid: false, tickCount: 8, labels: labelled },
  };
}

/** Upper end of the wavenumber axes: half a shell beyond the last. */
export function lastWavenumber({ shellStatistics }: EnsembleRecord): number {
  return shellStatistics.at(-1)!.k + shellStatistics[0]!.k / 2;
}

export function vertical(title: string, domain: readonly [number, number], tickCount: number, format: string) {
  return (field: string): View => ({
    field,
    type: "quantitative",
    title,
    scale: { domain, nice: false },
    axis: { tickCount, format },
  });
}

/** Domain of `values` with a margin above and, for a key, `below`; both as shares of the range. */
export function domainOf(values: readonly number[], below = 0.08): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low - below * (high - low), high + 0.08 * (high - low)];
}

export function points(values: readonly Point[], x: View, y: (field: string) => View, size = 36): View[] {
  const bar = { x, y: y("low"), y2: { field: "high" }, color: colourField };
  return [
    { data: { values }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: bar },
    {
      data: { values },
      mark: { type: "point", filled: true, size, opacity: 1 },
      encoding: { x, y: y("value"), color: colourField },
    },
  ];
}

/** A dashed line across the panel where `value` is what theory expects. */
export function expectation(value: number, y: (field: string) => View): View {
  const { field: _, ...axis } = y("value");
  return {
    data: { values: [{}] },
    mark: { type: "rule", color: QUIET, strokeDash: [4, 3] },
    encoding: { y: { ...axis, datum: value } },
  };
}

/** Names in the colours of what they name, side by side along the bottom of a panel, from `x` pixels on. */
export function key(
  entries: readonly { readonly label: string; readonly colour: string }[],
  height: number,
  x = 12,
): View[] {
  const text = { type: "text", align: "left", baseline: "bottom", fontSize: 12, fontWeight: 600, y: height - 5 };
  return entries.map(({ label, colour }, i) => ({
    data: { values: [{}] },
    mark: { ...text, text: label, color: colour, x: x + 145 * i },
  }));
}
