// Colours and type of the figure: one colour a quantity, readable on white, in grey and for most eyes.

export const REAL = "#148f8b";
export const MONOPOLE = "#3b6fb6";
export const QUADRUPOLE = "#e0742a";
export const ALARM = "#c62828";
export const INK = "#2b2f36";
export const QUIET = "#7b828c";
export const FAINT = "#e3e6ea";
export const BAND = "#eef0f3";

/** Vega-Lite configuration shared by all panels. */
export const CONFIG = {
  font: "Helvetica Neue, Helvetica, Arial, DejaVu Sans, sans-serif",
  background: "white",
  view: { stroke: null },
  axis: {
    labelColor: INK,
    labelFontSize: 11,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 8,
    gridColor: FAINT,
    domainColor: QUIET,
    tickColor: QUIET,
    tickSize: 4,
  },
  title: {
    anchor: "start",
    frame: "group",
    color: INK,
    fontSize: 14,
    fontWeight: 600,
    subtitleColor: QUIET,
    subtitleFontSize: 11,
    offset: 10,
    subtitlePadding: 4,
  },
  legend: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal", labelColor: INK, titleColor: INK },
} as const;
