// The numbers by which merge(box, zs) is judged: content, copies and shape noise. What no threshold could excuse is refused.
import type { NoiseSummary } from "../files/merged-file.ts";
import type { Metadata } from "../files/metadata.ts";
import { noiseLevels, noiseRealisations } from "../statistics/noise.ts";
import type { Place, Quality } from "../statistics/quality.ts";
import type { Stack } from "../statistics/stack.ts";
import { few, type MergeContext } from "./merge-inputs.ts";

/** Seeds whose noiseless C_l are equal to the last bit: one file under two names. */
function identicalSeeds(stack: Stack, seeds: readonly number[]): readonly string[] {
  const size = stack.rows * stack.bins;
  const block = (seed: number) => stack.values.subarray(seed * size, (seed + 1) * size);
  return seeds.flatMap((seed, index) =>
    seeds
      .slice(0, index)
      .flatMap((other, earlier) =>
        block(index).every((value, i) => value === block(earlier)[i]!) ? [`${other} and ${seed}`] : [],
      ),
  );
}

/** Emits and refuses seeds that are copies of each other. */
export function reportCopies(ctx: MergeContext, spectrum: Stack, seeds: readonly number[]): void {
  const copies = identicalSeeds(spectrum, seeds);
  ctx.metric("identicalSeeds", copies.length, { detail: copies });
  if (copies.length > 0) throw new Error(`merge refused: seeds with the same content: ${few(copies)}`);
}

function describe(place: Place | undefined): string {
  return place === undefined ? "none" : `first: row ${place.row} of seed ${place.seed}, ${place.statistic}`;
}

export function reportQuality(ctx: MergeContext, quality: Quality): void {
  ctx.metric("nonFiniteRows", quality.nonFinite, { detail: describe(quality.firstNonFinite) });
  ctx.metric("zeroRows", quality.zeroRows, { detail: describe(quality.firstZeroRow) });
  ctx.metric("smallestCl", quality.smallestCl, { unit: "l(l+1)/2pi C_l" });
  ctx.metric("normalisationError", quality.normalisationError, {
    detail: "largest |sum dnu - 1| of pdf, peaks, minima",
  });
  ctx.metric("v0Violations", quality.v0Violations, { detail: "rows whose V0 rises with nu or leaves [0, 1]" });
  if (quality.nonFinite > 0) {
    throw new Error(`merge refused: ${quality.nonFinite} rows are not finite; ${describe(quality.firstNonFinite)}`);
  }
  if (quality.zeroRows > 0) {
    const where = describe(quality.firstZeroRow);
    throw new Error(`merge refused: ${quality.zeroRows} rows are all zero, as failed patches are written; ${where}`);
  }
}

/** Emits the noise metrics and returns what goes into the file. */
export function reportNoise(ctx: MergeContext, stacks: ReadonlyMap<string, Stack>, metadata: Metadata): NoiseSummary {
  const spectra = new Map(
    metadata.ngal_list.flatMap((ngal) => {
      const stack = stacks.get(`power_spectra/ngal_${ngal}/cl`);
      return stack === undefined ? [] : [[ngal, stack] as const];
    }),
  );
  const levels = noiseLevels(spectra, metadata);
  const worst = levels.reduce((a, b) => (Math.abs(b.ratio - 1) > Math.abs(a.ratio - 1) ? b : a), {
    ngal: 0,
    bin: 0,
    ratio: 1,
  });
  const levelError = levels.length === 0 ? -1 : Math.abs(worst.ratio - 1);
  const where = `measured / expected ${worst.ratio.toFixed(4)} at ngal ${worst.ngal}, l ${Math.round(metadata.ell[worst.bin]!)}`;
  ctx.metric("noiseLevelError", Math.max(0, levelError), { detail: levels.length === 0 ? "no noisy spectrum" : where });
  const realisations = noiseRealisations(spectra);
  const { patches, distinct, largestShare } = realisations ?? { patches: 1, distinct: 1, largestShare: 0 };
  ctx.metric("distinctNoiseFraction", distinct / patches, { detail: { patches, distinct, largestShare } });
  return { distinct: realisations?.distinct ?? -1, levelError };
}
