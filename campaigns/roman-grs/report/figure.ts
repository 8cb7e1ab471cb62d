// The summary figure, drawn to SVG without a DOM: four panels of one redshift, and a row over all of them. Equal records give equal bytes.
import { parse, resetSVGDefIds, View as VegaView } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { CONFIG, QUIET } from "./palette.ts";
import { correlationPanel, countsPanel, spectraPanel, theoryRatioPanel, variancePanel, type View } from "./panels.ts";
import { redshiftRow } from "./redshift-panels.ts";

/**
 * @param records by ascending redshift, at least one
 * @param kGaussian below it the variance must be Gaussian, h/Mpc
 */
export function figureSpec(records: readonly EnsembleRecord[], kGaussian: number): View {
  const lead = leadRecord(records);
  const { realizations, redshift, boxSize, gridSize } = lead;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    padding: 24,
    title: {
      text: `Covariance mocks at z = ${redshift}`,
      subtitle: `${realizations.length} realisations of (${boxSize} Mpc/h)³ on ${gridSize}³ cells; shot noise subtracted; redshift space along z`,
      fontSize: 20,
      subtitleFontSize: 12,
      subtitleColor: QUIET,
      subtitlePadding: 6,
      offset: 20,
    },
    spacing: 34,
    vconcat: [
      {
        hconcat: [
          {
            vconcat: [spectraPanel(lead), theoryRatioPanel(lead)],
            spacing: 6,
            resolve: { scale: { y: "independent" } },
          },
          correlationPanel(lead),
        ],
        spacing: 44,
      },
      { hconcat: [variancePanel(lead, kGaussian), countsPanel(lead)], spacing: 44 },
      ...(records.length > 1 ? [redshiftRow(records)] : []),
    ],
    resolve: { scale: { color: "independent", x: "independent", y: "independent" } },
    config: CONFIG,
  };
}

/** The redshift with most realisations; of equals the lowest. */
function leadRecord(records: readonly EnsembleRecord[]): EnsembleRecord {
  const [first, ...rest] = records;
  if (!first) throw new Error("no redshift to draw");
  return rest.reduce((best, one) => (one.realizations.length > best.realizations.length ? one : best), first);
}

export async function figure(records: readonly EnsembleRecord[], kGaussian: number): Promise<string> {
  const { spec } = compile(figureSpec(records, kGaussian) as unknown as TopLevelSpec);
  // Vega numbers its clip paths from a counter of the process; without the reset a second figure differs from the first.
  resetSVGDefIds();
  const view = new VegaView(parse(spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
