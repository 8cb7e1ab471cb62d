// Colours and type of the figure. One colour a redshift, near to far as teal to orange; readable on white and for most eyes.

const RAMP = ["#148f8b", "#3b6fb6", "#7a4fb5", "#c2417c", "#e0742a"] as const;

export const INK = "#2b2f36";
export const QUIET = "#7b828c";
export const FAINT = "#e3e6ea";
export const ALARM = "#c62828";
/** Robust z from 1 to 100: ordinary patches stay in the background. */
export const HEAT = ["#cfd8e3", "#7fa3c7", "#e0742a", "#8e1b1b"];
export const FONT = "Helvetica Neue, Helvetica, Arial, DejaVu Sans, sans-serif";

/** `count` colours, spread over the ramp; beyond five redshifts it repeats. */
export function redshiftColours(count: number): readonly string[] {
  const step = count > 1 ? Math.max(1, (RAMP.length - 1) / (count - 1)) : 0;
  return Array.from({ length: count }, (_, index) => RAMP[Math.round(index * step) % RAMP.length] ?? INK);
}

/** Vega-Lite configuration shared by all panels. */
export const CONFIG = {
  font: FONT,
  background: "white",
  // Labels for screen readers on each of thousands of points would be most of the file.
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: INK,
    labelFontSize: 11,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 6,
    gridColor: FAINT,
    domainColor: QUIET,
    tickColor: QUIET,
    tickSize: 4,
  },
  title: {
    anchor: "start",
    frame: "group",
    color: INK,
    fontSize: 13,
    fontWeight: 600,
    subtitleColor: QUIET,
    subtitleFontSize: 11,
    offset: 8,
  },
  legend: { labelFontSize: 12, titleFontSize: 12, labelColor: INK, titleColor: INK, symbolSize: 90 },
} as const;
