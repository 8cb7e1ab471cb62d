// Panels of patches as Vega-Lite views: the robust z of every row against the threshold, and where the worst one points.

import { boxesOf } from "./across.ts";
import { ALARM, FAINT, HEAT, QUIET } from "./palette.ts";
import { colourOf, PANEL, redshiftName, type Scene, type View } from "./scene.ts";

/** Robust z that each row exceeds in most seeds, both boxes; the threshold; names of the rows beyond it. */
export function rowsPanel(scene: Scene): View {
  const rule = scene.records[0]?.rule.sigma ?? 0;
  const points = scene.records.flatMap((record) =>
    boxesOf(record).flatMap(({ box, scores }) =>
      scores.map((score, row) => ({ zs: redshiftName(record), box, row, score: Math.max(score, 0.5) })),
    ),
  );
  const named = scene.records.flatMap((record) =>
    record.excluded.map(({ box, row }) => {
      const score = (boxesOf(record).find((one) => one.box === box)?.scores ?? [])[row]!;
      return { zs: redshiftName(record), row, score, text: `row ${row}, zs ${redshiftName(record)}` };
    }),
  );
  const rows = Math.max(...scene.records.map((record) => record.rows.all));
  const boxes = scene.records[0] === undefined ? [] : boxesOf(scene.records[0]).map(({ box }) => box);
  const x = {
    field: "row",
    type: "quantitative",
    title: "row (patch)",
    scale: { domain: [0, rows], nice: false },
    axis: { grid: false },
  };
  const y = {
    field: "score",
    type: "quantitative",
    title: "robust z",
    scale: { type: "log", domain: [0.4, Math.max(100, ...points.map(({ score }) => 2 * score))], nice: false },
    axis: { values: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000], format: "~g" },
  }; // prettier-ignore
  const shape = {
    field: "box",
    type: "nominal",
    scale: { domain: boxes, range: ["triangle-up", "circle"] },
    legend: { title: null, orient: "bottom-right", direction: "horizontal", offset: 4 },
  };
  return {
    ...PANEL,
    title: "Robust z exceeded in most seeds",
    layer: [
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 16, opacity: 0.55 },
        encoding: { x, y, color: colourOf(scene), shape },
      },
      {
        data: { values: [{ score: rule }] },
        mark: { type: "rule", color: ALARM, strokeDash: [4, 3] },
        encoding: { y },
      },
      {
        data: { values: named },
        mark: { type: "point", filled: false, size: 70, stroke: ALARM, strokeWidth: 1.4 },
        encoding: { x, y },
      },
      {
        data: { values: named },
        mark: { type: "text", align: "left", dx: 10, fontSize: 11, fontWeight: 600, color: ALARM },
        encoding: { x, y, text: { field: "text" } },
      },
    ],
  };
}

/** Sky map of the set with the worst row: every patch at its direction, coloured and sized by its robust z. */
export function skyPanel(scene: Scene): View {
  const sets = scene.records.flatMap((record) =>
    boxesOf(record).map((box) => ({ record, box, peak: Math.max(...box.scores) })),
  );
  const [first] = sets;
  if (first === undefined) throw new Error("no set to draw");
  const { record, box } = sets.reduce((a, b) => (b.peak > a.peak ? b : a), first);
  const points = record.positions.map(([longitude, latitude], row) => {
    const score = box.scores[row]!;
    return {
      longitude,
      latitude,
      row,
      score: Math.max(score, 0.3),
      name: score > record.rule.sigma ? `row ${row}` : "",
    };
  });
  const place = {
    longitude: { field: "longitude", type: "quantitative" },
    latitude: { field: "latitude", type: "quantitative" },
  };
  const scale = { type: "log", domain: [1, 3, 10, 100], clamp: true, range: HEAT };
  const legend = { title: "robust z", orient: "bottom", direction: "horizontal", format: "~g", values: [1, 10, 100] };
  return {
    ...PANEL,
    title: `The sky of ${box.box}, zs ${redshiftName(record)}`,
    projection: { type: "mollweide" },
    layer: [
      { data: { sphere: true }, mark: { type: "geoshape", fill: "#f7f8fa" } },
      { data: { graticule: { step: [45, 30] } }, mark: { type: "geoshape", filled: false, stroke: FAINT } },
      { data: { sphere: true }, mark: { type: "geoshape", filled: false, stroke: QUIET } },
      {
        data: { values: points },
        mark: { type: "circle", opacity: 1, stroke: "white", strokeWidth: 0.4 },
        encoding: {
          ...place,
          color: { field: "score", type: "quantitative", scale, legend },
          size: { field: "score", type: "quantitative", scale: { type: "log", domain: [0.5, 100], range: [18, 150], clamp: true }, legend },
        },
      },
      {
        data: { values: points.filter(({ name }) => name !== "") },
        mark: { type: "text", dy: -13, fontSize: 11, fontWeight: 600, color: ALARM },
        encoding: { ...place, text: { field: "name" } },
      },
    ],
  }; // prettier-ignore
}
