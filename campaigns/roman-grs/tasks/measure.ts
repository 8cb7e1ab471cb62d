// Stage measure: the power spectra of one catalogue, in real and redshift space, beside linear theory.
import type { JobContext } from "cmc";
import { readGalaxies } from "../files/catalog-file.ts";
import { writeSpectra } from "../files/spectra-file.ts";
import { contentHash } from "../physics/content-hash.ts";
import { modelSpectrum } from "../physics/model-spectrum.ts";
import { modeShells } from "../physics/modes.ts";
import { measureSpectrum } from "../physics/power-spectrum.ts";
import { checkSpectrum } from "../physics/spectrum-checks.ts";
import { universeAt } from "../physics/universe.ts";
import { spectrumMetrics } from "./metrics.ts";

export interface MeasureParams {
  readonly realization: number;
  readonly redshift: number;
  /** Side of the box, Mpc/h. */
  readonly boxSize: number;
  /** Cells a side of the grid the mock was made on. */
  readonly gridSize: number;
  /** Lowest halo mass, log10 of Msun/h. */
  readonly logMassMin: number;
  /** Cells a side of the mesh galaxies are painted on, a power of two. */
  readonly meshSize: number;
  /** Shells of one fundamental mode, upwards from the lowest. */
  readonly shells: number;
}

export async function measure(ctx: JobContext<MeasureParams, { catalog: string }, "spectra">): Promise<void> {
  const { realization, redshift, boxSize, gridSize, logMassMin, meshSize, shells: shellCount } = ctx.params;
  ctx.phase("load");
  const hdf5 = await ctx.hdf5();
  const identity = { realization, redshift, boxSize, gridSize, logMassMin };
  const { position, velocity, mismatches } = readGalaxies(hdf5, ctx.inputs.catalog, identity);
  const nGalaxies = position.length / 3;

  ctx.phase("compute");
  const universe = universeAt(redshift, logMassMin);
  const shells = modeShells(shellCount);
  const model = modelSpectrum(universe, boxSize, shells);
  const spectrum = measureSpectrum({ position, velocity, boxSize, shift: universe.shift }, meshSize, shells);
  ctx.metric("identityMismatches", mismatches.length, { unit: "1", detail: [...mismatches] });
  ctx.metric("nGalaxies", nGalaxies, { unit: "1" });
  spectrumMetrics(ctx, [checkSpectrum(spectrum, model, shells, boxSize ** 3 / nGalaxies)]);

  ctx.phase("write");
  const frame = { redshift, boxSize, gridSize, logMassMin, shells: shellCount };
  const row = { realization, nGalaxies, contentHash: contentHash(position, velocity), spectrum };
  writeSpectra(hdf5, ctx.outputs.spectra, { frame, realizations: [row] }, shells, model);
}
