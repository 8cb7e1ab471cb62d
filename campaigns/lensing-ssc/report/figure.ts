// The summary figure: three rows of three panels, drawn to SVG without a DOM. Equal records give equal bytes.
import { parse, resetSVGDefIds, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { headlineOf, type RatioRecord, type StatisticRecord } from "../files/ratio-record.ts";
import { boxesOf } from "./across.ts";
import { CONFIG, INK, QUIET, redshiftColours } from "./palette.ts";
import { rowsPanel, skyPanel } from "./patch-panels.ts";
import { keptPanel, ratioRow } from "./ratio-panels.ts";
import { redshiftName, type Scene, type View as Panel } from "./scene.ts";

/** The statistics that are drawn: the headline, and PDF and peaks of the noiseless map at the smallest smoothing. */
function drawn(record: RatioRecord): readonly StatisticRecord[] {
  const headline = headlineOf(record);
  const smoothing = Math.min(...record.statistics.flatMap((one) => one.smoothing ?? []));
  const others = (["pdf", "peaks"] as const).flatMap((kind) =>
    record.statistics.filter((one) => one.kind === kind && one.ngal === headline.ngal && one.smoothing === smoothing),
  );
  return [headline, ...others];
}

function nameOf({ kind, smoothing }: StatisticRecord): string {
  if (kind === "cl") return "Power spectrum Cℓ";
  return `${kind === "pdf" ? "PDF of κ" : "Peak counts"}, smoothed ${smoothing ?? 0}′`;
}

/** Two lines: what was measured; what was set aside. Vega has no text metrics here and would leave room for a long line. */
function subtitle(records: readonly RatioRecord[]): readonly string[] {
  const [first] = records;
  if (first === undefined) return [];
  const sets = boxesOf(first).map(({ box, seeds }) => `${seeds.length} ${box} seeds`);
  const rows = new Map<string, string[]>();
  for (const record of records) {
    for (const { row, box } of record.excluded) {
      const name = `row ${row} of ${box}`;
      rows.set(name, [...(rows.get(name) ?? []), redshiftName(record)]);
    }
  }
  const gone = [...rows].map(([name, redshifts]) => `${name} at zs ${redshifts.join(", ")}`);
  return [
    `${sets.join(" and ")}, ${first.rows.all} patches each; noiseless maps; bootstrap errors over seeds`,
    gone.length === 0 ? "No patch is systematic" : `Set aside, found from the data: ${gone.join("; ")}`,
  ];
}

function key({ records, colours }: Scene): Panel {
  const values = records.map((record, index) => ({ index, zs: `zs ${redshiftName(record)}`, colour: colours[index] }));
  const x = { field: "index", type: "quantitative", axis: null, scale: { domain: [-0.1, records.length - 0.1] } };
  const colour = { field: "colour", type: "nominal", scale: null };
  return {
    width: 90 * records.length,
    height: 16,
    data: { values },
    layer: [
      { mark: { type: "point", filled: true, size: 90, opacity: 1 }, encoding: { x, color: colour } },
      {
        mark: { type: "text", align: "left", dx: 10, fontSize: 13, color: INK },
        encoding: { x, text: { field: "zs" } },
      },
    ],
  };
}

export function figureSpec(records: readonly RatioRecord[]): Panel {
  const [first] = records;
  if (first === undefined) throw new Error("no redshift to draw");
  const scene: Scene = { records, colours: redshiftColours(records.length) };
  const boxes = boxesOf(first).map(({ box }) => box);
  const statistics = drawn(first);
  const paths = statistics.map(({ path }) => path);
  const titles = statistics.map(nameOf);
  const panels = [
    ...ratioRow(scene, { paths, titles, table: "variance", step: 0.05, widest: 0.12, shared: true }),
    ...ratioRow(scene, { paths, titles: [], table: "mean", step: 0.005, widest: 0.01, shared: false }),
  ];
  const independent = { color: "independent", size: "independent", shape: "independent", strokeDash: "independent" };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    padding: 20,
    title: {
      text: `Super-sample covariance: ${boxes.join(" / ")}`,
      subtitle: subtitle(records),
      fontSize: 20,
      subtitleFontSize: 12,
      subtitleColor: QUIET,
      subtitlePadding: 6,
      offset: 14,
    },
    vconcat: [
      key(scene),
      {
        concat: [...panels, keptPanel(scene), rowsPanel(scene), skyPanel(scene)],
        columns: 3,
        bounds: "flush",
        spacing: { row: 78, column: 76 },
        resolve: { scale: independent },
      },
    ],
    config: CONFIG,
  };
}

export async function figure(records: readonly RatioRecord[]): Promise<string> {
  const { spec } = compile(figureSpec(records) as unknown as TopLevelSpec);
  // Vega numbers its clip paths from a counter of the process; without the reset a second figure differs from the first.
  resetSVGDefIds();
  const view = new View(parse(spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
