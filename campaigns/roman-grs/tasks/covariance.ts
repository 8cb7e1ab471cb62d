// Stage covariance: mean, covariance and inverse of all realisations of one redshift, judged against theory.
import type { FanInElement, JobContext } from "cmc";
import { writeCovariance } from "../files/covariance-file.ts";
import type { EnsembleRecord } from "../files/ensemble-record.ts";
import { readSpectra, type SpectraFile, type SpectraFrame } from "../files/spectra-file.ts";
import { ensembleStatistics, precisionMatrix } from "../physics/covariance.ts";
import { checkEnsemble, type CheckRanges } from "../physics/ensemble-checks.ts";
import { ensembleShells } from "../physics/ensemble-shells.ts";
import { expectedGalaxyCount } from "../physics/expected-counts.ts";
import { modeShells } from "../physics/modes.ts";
import { universeAt } from "../physics/universe.ts";

export interface CovarianceParams extends CheckRanges {
  /** Shells below it enter the inverse covariance, h/Mpc; 0.105 keeps eight of a 500 Mpc/h box. */
  readonly kMax: number;
}

export type CovarianceContext = JobContext<
  CovarianceParams,
  { spectra: readonly FanInElement[] },
  "covariance" | "record"
>;

export async function covariance(ctx: CovarianceContext): Promise<void> {
  ctx.phase("load");
  const hdf5 = await ctx.hdf5();
  const files = ctx.inputs.spectra.map(({ path }) => ({ path, content: readSpectra(hdf5, path) }));
  const frame = commonFrame(files);
  const rows = files.flatMap(({ content }) => content.realizations).sort((a, b) => a.realization - b.realization);

  ctx.phase("compute");
  const ensemble = {
    realizations: rows.length,
    shotNoise: rows.reduce((sum, { spectrum }) => sum + spectrum.shotNoise, 0) / rows.length,
    p0Real: ensembleStatistics(rows.map(({ spectrum }) => spectrum.p0Real)),
    p0: ensembleStatistics(rows.map(({ spectrum }) => spectrum.p0)),
    p2: ensembleStatistics(rows.map(({ spectrum }) => spectrum.p2)),
  };
  const universe = universeAt(frame.redshift, frame.logMassMin);
  const shells = ensembleShells(universe, frame.boxSize, frame.gridSize, modeShells(frame.shells), ensemble);
  const expectedGalaxies = expectedGalaxyCount(universe, frame.boxSize);
  const bins = shells.filter(({ k }) => k < ctx.params.kMax).length;
  const members = rows.map((row) => ({ ...row, modes: row.spectrum.modes }));
  const checks = checkEnsemble(members, shells, ensemble.p0.correlation, expectedGalaxies, bins, ctx.params);
  for (const [name, value] of Object.entries(checks)) ctx.metric(name, value, { unit: "1" });

  ctx.phase("write");
  const precision = precisionMatrix(ensemble.p0.covariance, rows.length, bins);
  if (!precision) ctx.log(`no inverse: ${rows.length} realisations for ${bins} bins, ${bins + 3} are the fewest`);
  writeCovariance(hdf5, ctx.outputs.covariance, { frame, shells, ensemble, precision, checks });
  const record: EnsembleRecord = {
    ...frame,
    realizations: rows.map((row) => row.realization),
    nGalaxies: rows.map((row) => row.nGalaxies),
    expectedGalaxies,
    shellStatistics: shells,
    correlation: ensemble.p0.correlation.map((row) => [...row]),
    checks,
  };
  ctx.writeText(ctx.outputs.record, `${JSON.stringify(record, undefined, 1)}\n`);
}

/** Throws when files of different redshifts, boxes or binnings meet: their mean would mean nothing. */
function commonFrame(files: readonly { readonly path: string; readonly content: SpectraFile }[]): SpectraFrame {
  const [first] = files;
  if (!first) throw new Error("covariance of no spectra");
  const { frame } = first.content;
  for (const { path, content } of files) {
    for (const name of Object.keys(frame) as (keyof SpectraFrame)[]) {
      if (content.frame[name] === frame[name]) continue;
      throw new Error(`${path}: ${name} is ${content.frame[name]}, but ${frame[name]} in ${first.path}`);
    }
  }
  return frame;
}
