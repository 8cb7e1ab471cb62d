// Stage ratio(zs): bigbox / tiled. Finds systematic patches from the data, sets them aside, and compares the two sets.
import type { FanInElement, JobContext } from "cmc";
import { writeCovariances } from "../files/covariance-file.ts";
import { type MergedSet, readMerged, stackOf } from "../files/merged-file.ts";
import { metadataDifferences } from "../files/metadata.ts";
import type { BoxRecord, RatioRecord, StatisticRecord } from "../files/ratio-record.ts";
import { type Bootstrap, drawSeeds } from "../statistics/bootstrap.ts";
import { covariance } from "../statistics/covariance.ts";
import { explainExclusions, selectRows, SELECTIONS } from "../statistics/exclusion.ts";
import { directionOf, patchPositions } from "../statistics/fibonacci.ts";
import { binnedStatistics, labelOf, sigmaStatistics, type Statistic } from "../statistics/layout.ts";
import { pooledMoments } from "../statistics/moments.ts";
import { type Ratios, ratios } from "../statistics/ratio.ts";

import { findSystematicRows, type SystematicRule, type SystematicSearch } from "../statistics/systematic.ts";
import { redshiftOf } from "./point.ts";
import { reportCovariances, reportRatios, reportSystematics } from "./ratio-metrics.ts";

export interface RatioParams {
  /** Names of the two boxes, values of the axis `box`. */
  readonly numerator: string;
  readonly denominator: string;
  readonly systematic: SystematicRule;
  readonly bootstrap: Bootstrap;
  readonly patches: {
    /** Points of the Fibonacci lattice the patches were cut on; those that touch a pole are not rows. */
    readonly gridPoints: number;
    readonly openingDeg: number;
    /** Points of the lattice by which the replication-minimised rows are defined. */
    readonly rmpGridPoints: number;
  };
}

export type RatioContext = JobContext<RatioParams, { merged: readonly FanInElement[] }, "ratio" | "covariance">;

/** The two sets, refused unless they may be compared: same redshift, same binning, same patches. */
async function loadSets(ctx: RatioContext): Promise<readonly [MergedSet, MergedSet]> {
  const hdf5 = await ctx.hdf5();
  const zs = redshiftOf(ctx.point);
  const load = (box: string): MergedSet => {
    const elements = ctx.inputs.merged.filter(({ point }) => point["box"] === box);
    const [element] = elements;
    if (element === undefined || elements.length > 1) {
      throw new Error(`ratio refused: ${elements.length} merged files for box ${box}, not 1`);
    }
    const merged = readMerged(hdf5, element.path);
    if (merged.box !== box || merged.zs !== zs) {
      throw new Error(
        `ratio refused: ${element.path} says box ${merged.box}, zs ${merged.zs}; needed box ${box}, zs ${zs}`,
      );
    }
    return merged;
  };
  const [above, below] = [load(ctx.params.numerator), load(ctx.params.denominator)];
  const unequal = [...metadataDifferences(above.metadata, below.metadata)];
  if (above.rows !== below.rows) unequal.push(`rows: ${above.rows} against ${below.rows}`);
  if (unequal.length > 0) throw new Error(`ratio refused: the boxes were measured differently: ${unequal.join("; ")}`);
  return [above, below];
}

function boxRecord(set: MergedSet, headline: Statistic, search: SystematicSearch, rows: readonly number[]): BoxRecord {
  const { ngal_list, sl_list } = set.metadata;
  const sigma = sigmaStatistics([Math.min(...ngal_list)], [Math.min(...sl_list)])[0];
  return {
    box: set.box,
    seeds: set.seeds,
    meanCl: Array.from(pooledMoments(stackOf(set, headline), rows).mean),
    meanSigma: sigma === undefined ? 0 : pooledMoments(stackOf(set, sigma), rows).mean[0]!,
    noise: set.noise,
    scores: Array.from(search.first.scores),
    judgedBins: search.first.judgedBins,
    unjudgedBins: search.first.unjudgedBins,
  };
}

export async function ratio(ctx: RatioContext): Promise<void> {
  ctx.phase("load");
  const sets = await loadSets(ctx);
  const [above, below] = sets;
  const { metadata, zs } = above;
  const { patches } = ctx.params;
  const positions = patchPositions(patches.gridPoints, patches.openingDeg);
  if (positions.length !== above.rows) {
    const lattice = `a lattice of ${patches.gridPoints} points leaves ${positions.length} patches`;
    throw new Error(`ratio refused: ${above.rows} rows a seed, but ${lattice}: rows have no direction`);
  }

  ctx.phase("systematics");
  const statistics = binnedStatistics(metadata.ngal_list, metadata.sl_list);
  const noiseless = Math.min(...metadata.ngal_list);
  const headline = statistics.find(({ kind, ngal }) => kind === "cl" && ngal === noiseless);
  if (headline === undefined) throw new Error("ratio refused: the sets hold no statistic");
  const searches = sets.map((set) =>
    findSystematicRows(
      statistics.map((statistic) => [statistic.path, stackOf(set, statistic)]),
      ctx.params.systematic,
    ),
  );
  const excluded = sets.flatMap((set, i) =>
    explainExclusions(set.box, searches[i]?.found ?? [], statistics, positions, metadata),
  );
  const selected = selectRows(
    above.rows,
    excluded.map(({ row }) => row),
    patches,
  );

  ctx.phase("compute");
  const [aboveDraws = [], belowDraws = []] = drawSeeds(ctx.params.bootstrap, [above.seeds.length, below.seeds.length]);
  const compare = (statistic: Statistic): StatisticRecord => {
    const select = (rows: readonly number[]): Ratios =>
      ratios(
        { stack: stackOf(above, statistic), rows, draws: aboveDraws },
        { stack: stackOf(below, statistic), rows, draws: belowDraws },
      );
    const { all, clean, rmp } = selected;
    const table = { all: select(all), clean: select(clean), rmp: select(rmp) };
    return { ...statistic, label: labelOf(statistic), ratios: table };
  };
  const compared = statistics.map(compare);
  const covariances = sets.flatMap((set) =>
    SELECTIONS.map((selection) => ({
      box: set.box,
      selection,
      covariances: statistics.map((statistic) => covariance(stackOf(set, statistic), selected[selection])),
    })),
  );

  const [first, second] = searches;
  if (first === undefined || second === undefined) return;
  const record: RatioRecord = {
    zs,
    numerator: boxRecord(above, headline, first, selected.clean),
    denominator: boxRecord(below, headline, second, selected.clean),
    rows: { all: selected.all.length, clean: selected.clean.length, rmp: selected.rmp.length },
    ell: metadata.ell,
    nu: metadata.nu,
    rule: ctx.params.systematic,
    excluded,
    remaining: searches.flatMap(({ remaining }) => remaining).length,
    positions: positions.map(directionOf).map(({ longitudeDeg, latitudeDeg }) => [longitudeDeg, latitudeDeg]),
    headline: headline.path,
    statistics: compared,
    degenerateBins: compared.flatMap(({ ratios: { clean } }) => clean.variance.filter((value) => value === null))
      .length,
  };
  reportSystematics(ctx, record);
  reportCovariances(ctx, record, covariances);
  reportRatios(ctx, record);

  ctx.phase("write");
  const paths = statistics.map(({ path }) => path);
  writeCovariances(await ctx.hdf5(), ctx.outputs.covariance, zs, paths, covariances);
  ctx.writeText(ctx.outputs.ratio, JSON.stringify(record) + "\n");
  const gone = excluded.map(({ box, row }) => `row ${row} of ${box}`).join(", ");
  ctx.log(`zs ${zs}: ${statistics.length} statistics, excluded ${gone === "" ? "nothing" : gone}`);
}
