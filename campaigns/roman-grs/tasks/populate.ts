// Stage populate: one mock catalogue of one realisation at one redshift. Physics is in physics/, the layout in files/.
import type { JobContext } from "cmc";
import { writeCatalog } from "../files/catalog-file.ts";
import { checkMock } from "../physics/mock-checks.ts";
import { drawMock } from "../physics/mock.ts";
import { universeAt } from "../physics/universe.ts";
import { mockMetrics } from "./metrics.ts";

export interface PopulateParams {
  readonly realization: number;
  readonly redshift: number;
  /** From the realisation only, so that all redshifts share their phases. */
  readonly seed: number;
  /** Side of the box, Mpc/h. */
  readonly boxSize: number;
  /** Cells a side of the initial grid, a power of two. */
  readonly gridSize: number;
  /** Lowest halo mass, log10 of Msun/h. */
  readonly logMassMin: number;
  /** Compression level 1-9; absent: contiguous storage. */
  readonly gzip?: number;
}

export async function populate(ctx: JobContext<PopulateParams, {}, "catalog">): Promise<void> {
  const { redshift, seed, boxSize, gridSize, logMassMin, gzip, realization } = ctx.params;
  ctx.phase("load");
  const hdf5 = await ctx.hdf5();

  ctx.phase("compute");
  const universe = universeAt(redshift, logMassMin);
  const mock = drawMock(universe, boxSize, gridSize, seed);
  mockMetrics(ctx, [checkMock(universe, mock)]);

  ctx.phase("write");
  writeCatalog(
    hdf5,
    ctx.outputs.catalog,
    { realization, redshift, boxSize, gridSize, logMassMin },
    universe,
    mock,
    gzip,
  );
  ctx.log(`${mock.galaxies.host.length} galaxies in ${mock.halos.logMass.length} halos at z = ${redshift}`);
}
