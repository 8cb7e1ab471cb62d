// Stage nsfr: the cumulative number density of galaxies above a star formation rate, over all catalogues of one redshift.
// Uncalibrated: rates are those of stellar-mass.ts, not matched to an observed function. The dataset keeps the name its
// readers expect (logsfr_corr), and the attribute `calibration` says "none".
import type { FanInElement, JobContext } from "cmc";
import { readLogSfr } from "../files/catalog-file.ts";
import { writeNumberDensity } from "../files/number-density-file.ts";
import { abacusC000 } from "../physics/cosmology.ts";
import { cumulativeCounts, densityThreshold, sfrGrid } from "../physics/number-density.ts";

export interface NsfrParams {
  readonly redshift: number;
  /** Mpc/h. */
  readonly boxSize: number;
  /** Comoving density of the sample a survey would select, (Mpc/h)^-3: sets one threshold for all realisations. */
  readonly targetDensity: number;
}

type Context = JobContext<NsfrParams, { catalogs: readonly FanInElement[] }, "numberDensity">;

export async function nsfr(ctx: Context): Promise<void> {
  const { redshift, boxSize, targetDensity } = ctx.params;
  const { catalogs } = ctx.inputs;
  if (catalogs.length === 0) throw new Error("number density of no catalogues");
  ctx.phase("load");
  const hdf5 = await ctx.hdf5();
  const volume = catalogs.length * boxSize ** 3;

  ctx.phase("compute");
  const counts = new Float64Array(sfrGrid.length);
  for (const { path } of catalogs) {
    cumulativeCounts(readLogSfr(hdf5, path)).forEach((count, i) => (counts[i]! += count));
  }
  const density = counts.map((count) => count / volume);
  const threshold = densityThreshold(density, targetDensity);
  // Second pass: one threshold for every realisation must give back the density asked for.
  const selected = catalogs.map(({ path }) =>
    readLogSfr(hdf5, path).reduce((sum, logSfr) => sum + (logSfr > threshold ? 1 : 0), 0),
  );
  const mean = selected.reduce((sum, count) => sum + count, 0) / selected.length;
  const spread = Math.sqrt(selected.reduce((sum, count) => sum + (count - mean) ** 2, 0) / selected.length);
  ctx.metric("nRealizations", catalogs.length, { unit: "1" });
  ctx.metric("thresholdLogSfr", threshold, { unit: "log10 Msun/yr" });
  ctx.metric("roundTripDeviation", Math.abs(mean / boxSize ** 3 / targetDensity - 1), { unit: "1" });
  ctx.metric("selectedScatter", spread / mean, { unit: "1" });

  ctx.phase("write");
  writeNumberDensity(hdf5, ctx.outputs.numberDensity, {
    redshift,
    realizations: catalogs.length,
    logSfr: sfrGrid,
    // The readers of this product think in Mpc, without h.
    density: density.map((value) => value * abacusC000.h ** 3),
    volume: volume / abacusC000.h ** 3,
  });
}
