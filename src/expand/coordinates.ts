// Coordinates: which value of each axis a row has. The matrix is a product of factors, the first outermost.

/** One factor: one axis, or several whose combinations were filtered or zipped. */
export interface Dimension {
  /** Points of the factor. */
  readonly count: number;
  /** Per axis, index into its values of each point. */
  readonly indexes: readonly (readonly number[])[];
}

/** No factors: one job. */
export function rowCount(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((product, dimension) => product * dimension.count, 1);
}

export function coordinates(dimensions: readonly Dimension[], count: number): Uint32Array[] {
  const columns: Uint32Array[] = [];
  let repeat = count;
  for (const dimension of dimensions) {
    repeat = dimension.count === 0 ? 0 : repeat / dimension.count;
    for (const indexes of dimension.indexes) {
      const column = new Uint32Array(count);
      let row = 0;
      while (row < count)
        for (const index of indexes) {
          column.fill(index, row, row + repeat);
          row += repeat;
        }
      columns.push(column);
    }
  }
  return columns;
}
