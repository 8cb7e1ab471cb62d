// Cuts a dataset into slabs that fit into memory. Pure: shapes in, index ranges out.

/** 256 MB: one read is limited by wasm memory, whose heap never shrinks (building-blocks section 6). */
export const SLAB_BYTES = 256 * 2 ** 20;

export type Range = [number, number];

/** Row-major order, so that slabs laid end to end are the whole. A scalar is one slab without ranges. */
export function* slabs(shape: readonly number[], bytesPerElement: number, limit = SLAB_BYTES): Generator<Range[]> {
  if (shape.includes(0)) return;
  // The axis that is cut: everything behind it fits, it and everything behind it does not.
  let axis = shape.length;
  let behind = bytesPerElement;
  while (axis > 0 && behind * shape[axis - 1]! <= limit) behind *= shape[--axis]!;
  if (axis === 0) {
    yield shape.map((extent) => [0, extent]);
    return;
  }
  const cut = axis - 1;
  const step = Math.max(1, Math.floor(limit / behind));
  const tail = shape.slice(axis).map((extent): Range => [0, extent]);
  const leading = shape.slice(0, cut);
  const index = leading.map(() => 0);
  do {
    const fixed = index.map((i): Range => [i, i + 1]);
    for (let from = 0; from < shape[cut]!; from += step)
      yield [...fixed, [from, Math.min(from + step, shape[cut]!)], ...tail];
  } while (advance(index, leading));
}

function advance(index: number[], shape: readonly number[]): boolean {
  for (let axis = index.length - 1; axis >= 0; axis--) {
    index[axis]! += 1;
    if (index[axis]! < shape[axis]!) return true;
    index[axis] = 0;
  }
  return false;
}
