// One statistic of one (box, zs) set: the rows of every seed, stacked. The shape and its accessors; no arithmetic.

/** Values in the order [seed][row][bin]. A row is a patch of the sky, the same direction in every seed. */
export interface Stack {
  readonly seeds: number;
  readonly rows: number;
  readonly bins: number;
  /** Length seeds x rows x bins; float32 as measured, or float64. */
  readonly values: Float32Array | Float64Array;
}

/** Rows 0..count-1. */
export function everyRow(count: number): readonly number[] {
  return Array.from({ length: count }, (_, row) => row);
}

/** The rows that are not in `excluded`, order kept. */
export function without(rows: readonly number[], excluded: readonly number[]): readonly number[] {
  const gone = new Set(excluded);
  return rows.filter((row) => !gone.has(row));
}
