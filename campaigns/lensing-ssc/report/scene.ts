// What all panels of the figure share: the view type, the scene that is drawn, size, colours and the l and nu axes.
import type { RatioRecord, StatisticRecord } from "../files/ratio-record.ts";

/** A Vega-Lite view specification. Their own type needs the DOM library, which campaigns do not have. */
export type View = Readonly<Record<string, unknown>>;

export interface Scene {
  /** By ascending redshift. */
  readonly records: readonly RatioRecord[];
  /** Colour of each redshift, in the same order. */
  readonly colours: readonly string[];
}

/** Size of every panel in pixels. */
export const PANEL = { width: 300, height: 190 } as const;

export function redshiftName(record: RatioRecord): string {
  return record.zs.toFixed(1);
}

/** Colour by redshift; the key above the panels is the legend. */
export function colourOf({ records, colours }: Scene, legend: View | null = null): View {
  return {
    field: "zs",
    type: "nominal",
    scale: { domain: records.map(redshiftName), range: colours },
    legend,
  };
}

/** The l or nu axis of a statistic. */
export function xAxis(statistic: StatisticRecord): View {
  return statistic.abscissa === "ell"
    ? {
        type: "quantitative",
        title: "multipole ℓ",
        scale: { type: "log", domain: [300, 3000], nice: false },
        axis: { values: [300, 500, 1000, 2000, 3000], format: "d", grid: false },
      }
    : {
        type: "quantitative",
        title: "ν = κ / σ",
        scale: { domain: [-4, 4], nice: false },
        axis: { values: [-4, -2, 0, 2, 4], grid: false },
      };
}
