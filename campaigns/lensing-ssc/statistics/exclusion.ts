// Turns systematic rows into a decision that people can follow: which patch, where it looks, on what evidence; which rows stay.
import { type Direction, directionOf, type Position, replicationMinimisedRows } from "./fibonacci.ts";
import { labelOf, type Statistic } from "./layout.ts";
import { everyRow, without } from "./stack.ts";
import type { Evidence, SystematicRow } from "./systematic.ts";

/**
 * Which rows enter: `all` as measured; `clean` without the systematic rows, the result; `rmp` the
 * replication-minimised patches among the clean ones.
 */
export type Selection = "all" | "clean" | "rmp";
export const SELECTIONS: readonly Selection[] = ["all", "clean", "rmp"];

/** A row that is set aside, the box in which it is systematic, where it points, and the evidence. */
export interface Exclusion {
  readonly box: string;
  readonly row: number;
  readonly direction: Direction;
  /** Strongest first; `at` is the l or nu of the bin. */
  readonly evidence: readonly (Evidence & { readonly label: string; readonly at: string })[];
}

/** The bins of a statistic as people name them: "l 2625" or "nu 3.5". */
export function binLabel(
  statistic: Statistic,
  bin: number,
  abscissae: { ell: readonly number[]; nu: readonly number[] },
): string {
  return statistic.abscissa === "ell" ? `l ${Math.round(abscissae.ell[bin]!)}` : `nu ${abscissae.nu[bin]!}`;
}

export function explainExclusions(
  box: string,
  found: readonly SystematicRow[],
  statistics: readonly Statistic[],
  positions: readonly Position[],
  abscissae: { readonly ell: readonly number[]; readonly nu: readonly number[] },
): readonly Exclusion[] {
  const byPath = new Map(statistics.map((statistic) => [statistic.path, statistic]));
  return found.map(({ row, evidence }) => {
    const position = positions[row];
    if (position === undefined) throw new Error(`row ${row} has no position on the patch lattice`);
    const explained = evidence.flatMap((one) => {
      const statistic = byPath.get(one.statistic);
      if (statistic === undefined) return [];
      return [{ ...one, label: labelOf(statistic), at: binLabel(statistic, one.bin, abscissae) }];
    });
    return { box, row, direction: directionOf(position), evidence: explained };
  });
}

/**
 * Rows of each selection. A direction that is systematic in one box is left out of both, as the authors do: the ratio
 * compares the same patches of the sky.
 */
export function selectRows(
  rows: number,
  excluded: readonly number[],
  lattice: { readonly rmpGridPoints: number; readonly openingDeg: number },
): Readonly<Record<Selection, readonly number[]>> {
  const all = everyRow(rows);
  const minimised = replicationMinimisedRows(lattice.rmpGridPoints, lattice.openingDeg).filter((row) => row < rows);
  return { all, clean: without(all, excluded), rmp: without(minimised, excluded) };
}
