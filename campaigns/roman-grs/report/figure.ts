// The summary figure: five panels of one redshift, and a row over all of them when there are several.
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { correlationPanel, countsPanel, variancePanel } from "./ensemble-panels.ts";
import { drawPage, type Placed } from "./page.ts";
import { redshiftPanels } from "./redshift-panels.ts";
import { ratioHeight, ratioPanel, spectraPanel } from "./spectra-panels.ts";
import { narrow, tall, wide } from "./view.ts";

const left = 64;
const right = left + wide + 92;
const firstRow = 130;
const secondRow = firstRow + tall + 138;
const thirdRow = secondRow + tall + 116;

/**
 * @param records by ascending redshift, at least one
 * @param kGaussian below it the variance must be Gaussian, h/Mpc
 */
export async function figure(records: readonly EnsembleRecord[], kGaussian: number): Promise<string> {
  const lead = leadRecord(records);
  const { realizations, redshift, boxSize, gridSize } = lead;
  const placed: Placed[] = [
    { x: left, y: firstRow, panel: spectraPanel(lead) },
    { x: left, y: firstRow + tall - ratioHeight, panel: ratioPanel(lead) },
    { x: right, y: firstRow, panel: correlationPanel(lead) },
    { x: left, y: secondRow, panel: variancePanel(lead, kGaussian) },
    { x: right, y: secondRow, panel: countsPanel(lead) },
  ];
  const several = records.length > 1;
  if (several) redshiftPanels(records).forEach((panel, i) => placed.push({ x: left + i * 322, y: thirdRow, panel }));
  return drawPage({
    width: right + narrow + 16,
    height: several ? thirdRow + 225 : secondRow + tall + 60,
    title: `Covariance mocks at z = ${redshift}`,
    subtitle:
      `${realizations.length} realisations of (${boxSize} Mpc/h)³ on ${gridSize}³ cells; ` +
      `shot noise subtracted; redshift space along z${several ? `; all ${records.length} redshifts in the last row` : ""}`,
    placed,
  });
}

/** The redshift with most realisations; of equals the lowest. */
function leadRecord(records: readonly EnsembleRecord[]): EnsembleRecord {
  const [first, ...rest] = records;
  if (!first) throw new Error("no redshift to draw");
  return rest.reduce((best, one) => (one.realizations.length > best.realizations.length ? one : best), first);
}
