// Stage pack: populate and measure many realisations of one redshift in one job, keeping spectra and no catalogues.
// The same mocks, bit for bit, as populate followed by measure; for ensembles too large to store.
import type { JobContext } from "cmc";
import { writeSpectra, type RealizationSpectrum } from "../files/spectra-file.ts";
import { contentHash } from "../physics/content-hash.ts";
import { checkMock, type MockChecks } from "../physics/mock-checks.ts";
import { drawMock } from "../physics/mock.ts";
import { modelSpectrum } from "../physics/model-spectrum.ts";
import { modeShells } from "../physics/modes.ts";
import { measureSpectrum } from "../physics/power-spectrum.ts";
import { checkSpectrum, type SpectrumChecks } from "../physics/spectrum-checks.ts";
import { universeAt } from "../physics/universe.ts";
import type { MeasureParams } from "./measure.ts";
import { mockMetrics, spectrumMetrics } from "./metrics.ts";

export interface PackParams extends Omit<MeasureParams, "realization"> {
  readonly realizations: readonly number[];
  /** One seed a realisation, in the same order. */
  readonly seeds: readonly number[];
}

export async function pack(ctx: JobContext<PackParams, {}, "spectra">): Promise<void> {
  const { realizations, seeds, redshift, boxSize, gridSize, logMassMin, meshSize, shells: shellCount } = ctx.params;
  if (realizations.length === 0 || seeds.length !== realizations.length) {
    throw new Error(
      `pack of ${realizations.length} realisations with ${seeds.length} seeds: one seed for each is needed`,
    );
  }
  ctx.phase("load");
  const hdf5 = await ctx.hdf5();

  ctx.phase("compute");
  const universe = universeAt(redshift, logMassMin);
  const shells = modeShells(shellCount);
  const model = modelSpectrum(universe, boxSize, shells);
  const rows: RealizationSpectrum[] = [];
  const mockChecks: MockChecks[] = [];
  const spectrumChecks: SpectrumChecks[] = [];
  realizations.forEach((realization, i) => {
    const mock = drawMock(universe, boxSize, gridSize, seeds[i]!);
    const { position, velocity } = mock.galaxies;
    const nGalaxies = position.length / 3;
    const spectrum = measureSpectrum({ position, velocity, boxSize, shift: universe.shift }, meshSize, shells);
    rows.push({ realization, nGalaxies, contentHash: contentHash(position, velocity), spectrum });
    mockChecks.push(checkMock(universe, mock));
    spectrumChecks.push(checkSpectrum(spectrum, model, shells, boxSize ** 3 / nGalaxies));
  });
  ctx.metric("nRealizations", rows.length, { unit: "1" });
  mockMetrics(ctx, mockChecks);
  spectrumMetrics(ctx, spectrumChecks);

  ctx.phase("write");
  const frame = { redshift, boxSize, gridSize, logMassMin, shells: shellCount };
  writeSpectra(hdf5, ctx.outputs.spectra, { frame, realizations: rows }, shells, model);
}
