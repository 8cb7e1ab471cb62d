// Places panels on a page at given positions and draws them to SVG without a DOM. Equal panels give equal bytes.
// Vega-Lite's own concatenation lines panels up by their labels, not their frames; here every frame is where it is put.
import { parse, resetSVGDefIds, View as VegaView, type Spec } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { CONFIG, INK, QUIET } from "./palette.ts";
import type { Panel } from "./view.ts";

/** A panel with its frame's upper left corner, pixels from that of the page. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly panel: Panel;
}

export interface Page {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  readonly placed: readonly Placed[];
}

const vegaLite = "https://vega.github.io/schema/vega-lite/v6.json";

export async function drawPage(page: Page): Promise<string> {
  const compiled = page.placed.map(
    ({ panel }) => compile({ $schema: vegaLite, config: CONFIG, ...panel } as TopLevelSpec).spec,
  );
  const heading = (text: string, y: number, size: number, colour: string, weight: string) => ({
    type: "text",
    encode: {
      enter: {
        text: { value: text },
        x: { value: page.placed[0]?.x ?? 0 },
        y: { value: y },
        fontSize: { value: size },
        fontWeight: { value: weight },
        fill: { value: colour },
      },
    },
  });
  const groups = compiled.map(({ data, signals, scales, axes, marks, title, legends }, i) => {
    const { x, y, panel } = page.placed[i]!;
    const frame = { x, y, width: panel.width, height: panel.height };
    const enter = Object.fromEntries(Object.entries(frame).map(([name, value]) => [name, { value }]));
    // The scales ask the signals width and height how long they are; without these they would find the page's.
    const size = [
      { name: "width", value: panel.width },
      { name: "height", value: panel.height },
    ];
    return {
      type: "group",
      encode: { enter },
      signals: [...size, ...(signals ?? [])],
      data,
      scales,
      axes,
      marks,
      title,
      legends,
    };
  });
  const spec = {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    width: page.width,
    height: page.height,
    padding: 24,
    autosize: "none",
    background: "white",
    config: compiled[0]?.config,
    marks: [heading(page.title, 20, 21, INK, "bold"), heading(page.subtitle, 42, 12, QUIET, "normal"), ...groups],
  };
  // Vega numbers its clip paths from a counter of the process; without the reset a second figure differs from the first.
  resetSVGDefIds();
  const view = new VegaView(parse(spec as unknown as Spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
