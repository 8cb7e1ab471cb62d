// Panels of ratios as Vega-Lite views: variance and mean ratio against l or nu, and what keeping a systematic patch does.
import { headlineOf } from "../files/ratio-record.ts";

import { INK, QUIET } from "./palette.ts";
import { colourOf, PANEL, redshiftName, type Scene, type View, xAxis } from "./scene.ts";

/** Moves the points of the redshifts apart, so that their error bars do not hide each other. */
function dodge(scene: Scene, index: number): number {
  return index - (scene.records.length - 1) / 2;
}

/** Points of one statistic for all redshifts. Bins whose error exceeds `widest` carry no information and are left out. */
function ratioPoints(scene: Scene, path: string, table: "variance" | "mean", widest: number): readonly View[] {
  return scene.records.flatMap((record, index) => {
    const statistic = record.statistics.find((one) => one.path === path);
    if (statistic === undefined) return [];
    const { clean } = statistic.ratios;
    const errors = table === "variance" ? clean.varianceError : clean.meanError;
    return clean[table].flatMap((value, bin) => {
      const error = errors[bin];
      if (value === null || error == null || error > widest) return [];
      const shift = dodge(scene, index);
      const x =
        statistic.abscissa === "ell" ? record.ell[bin]! * Math.exp(0.022 * shift) : record.nu[bin]! + 0.1 * shift;
      return [{ zs: redshiftName(record), x, y: value, low: value - error, high: value + error }];
    });
  });
}

/** Smallest round range around 1 that holds all points and errors. */
function rangeAround(points: readonly View[], step: number): readonly [number, number] {
  const values = points.flatMap(({ low, high }) => [Number(low), Number(high)]);
  const low = Math.floor(Math.min(1 - step, ...values) / step - 0.1) * step;
  const high = Math.ceil(Math.max(1 + step, ...values) / step + 0.1) * step;
  return [Number(low.toFixed(6)), Number(high.toFixed(6))];
}

export interface RatioRow {
  readonly paths: readonly string[];
  readonly table: "variance" | "mean";
  /** One per path; "" for none. */
  readonly titles: readonly string[];
  /** Granularity of the vertical range. */
  readonly step: number;
  /** Largest error that is still drawn. */
  readonly widest: number;
  /** One vertical range for all panels, so that they can be compared; else one each. */
  readonly shared: boolean;
}

/** One panel per statistic, the same table in each. */
export function ratioRow(scene: Scene, row: RatioRow): readonly View[] {
  const points = row.paths.map((path) => ratioPoints(scene, path, row.table, row.widest));
  const together = rangeAround(points.flat(), row.step);
  return row.paths.map((path, index) => {
    const statistic = scene.records[0]?.statistics.find((one) => one.path === path);
    if (statistic === undefined) throw new Error(`no ${path} to draw`);
    const values = points[index] ?? [];
    const domain = row.shared ? together : rangeAround(values, row.step);
    const x = { field: "x", ...xAxis(statistic) };
    const title = index === 0 ? `${row.table} ratio` : "";
    const y = {
      field: "y",
      type: "quantitative",
      title,
      scale: { domain, zero: false, nice: false },
      axis: { tickCount: 6 },
    };
    const color = colourOf(scene);
    return {
      ...PANEL,
      title: row.titles[index] ?? "",
      data: { values },
      layer: [
        { data: { values: [{ y: 1 }] }, mark: { type: "rule", color: QUIET }, encoding: { y } },
        { mark: { type: "line", strokeWidth: 1.6 }, encoding: { x, y, color } },
        {
          mark: { type: "rule", strokeWidth: 1.4 },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
        },
        { mark: { type: "point", filled: true, size: 34, opacity: 1 }, encoding: { x, y, color } },
      ],
    };
  });
}

/** Variance ratio of the headline statistic with every row (dashed) and without the systematic ones, logarithmic. */
export function keptPanel(scene: Scene): View {
  const [first] = scene.records;
  if (first === undefined) throw new Error("no redshift to draw");
  const points = scene.records.flatMap((record) => {
    const { all, clean } = headlineOf(record).ratios;
    return record.ell.flatMap((l, bin) =>
      (["kept", "set aside"] as const).flatMap((rows) => {
        const value = (rows === "kept" ? all : clean).variance[bin];
        return value == null ? [] : [{ zs: redshiftName(record), rows, x: l, y: value }];
      }),
    );
  });
  const x = { field: "x", ...xAxis(headlineOf(first)) };
  const lowest = Math.min(0.5, ...points.map(({ y }) => y * 0.8));
  const highest = Math.max(1.5, ...points.map(({ y }) => y * 1.1));
  const ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].filter((tick) => tick >= lowest && tick <= highest);
  const scale = { type: "log", domain: [lowest, highest], nice: false };
  const y = {
    field: "y",
    type: "quantitative",
    title: "variance ratio (log)",
    scale,
    axis: { values: ticks, format: "~g" },
  };
  const dash = {
    field: "rows",
    type: "nominal",
    scale: { domain: ["kept", "set aside"], range: [[5, 3], [1, 0]] },
    legend: { title: null, orient: "bottom-left", offset: 6, symbolStrokeColor: INK, symbolSize: 220 },
  }; // prettier-ignore
  const excluded = scene.records.some((record) => record.excluded.length > 0);
  return {
    ...PANEL,
    title: excluded ? "Cℓ if the systematic patch were kept" : "Cℓ, nothing was set aside",
    data: { values: points },
    layer: [
      { data: { values: [{ y: 1 }] }, mark: { type: "rule", color: QUIET }, encoding: { y: { ...y, field: "y" } } },
      { mark: { type: "line", strokeWidth: 1.8 }, encoding: { x, y, color: colourOf(scene), strokeDash: dash } },
    ],
  };
}
