// Checks of one dataset: there, type, shape with shared symbols, finite share, range.
import type { DatasetValues } from "../../author/hdf5.ts";
import type { DatasetCheckIR } from "../../ir/stage.ts";
import type { Finding } from "./checks.ts";
import type { InspectingReader } from "./reader.ts";

/** Value of a shape symbol and the dataset that gave it. */
export type Symbols = Map<string, { readonly extent: number; readonly from: string }>;

export function* datasetChecks(
  file: InspectingReader,
  path: string,
  expected: DatasetCheckIR,
  symbols: Symbols,
): Generator<Finding> {
  if (!file.has(path)) {
    yield {
      check: "hdf5/dataset",
      passed: expected.optional === true,
      message: expected.optional ? `${path} is absent (optional)` : `${path} is missing`,
    };
    return;
  }
  let found: ReturnType<InspectingReader["describe"]>;
  try {
    found = file.describe(path);
  } catch (error) {
    yield { check: "hdf5/dataset", passed: false, message: (error as Error).message };
    return;
  }
  yield { check: "hdf5/dataset", passed: true, message: `${path} is there` };
  if (expected.dtype !== undefined) {
    const passed = found.dtype === expected.dtype;
    yield {
      check: "hdf5/dtype",
      passed,
      message: passed ? `${path} is ${found.type}` : `${path} is ${found.type}, must be ${expected.dtype}`,
    };
  }
  if (expected.shape) yield shapeCheck(path, found.shape, expected.shape, symbols);
  if (expected.finite !== undefined || expected.range) yield* valueChecks(file, path, expected);
}

function shapeCheck(
  path: string,
  shape: readonly number[],
  expected: readonly (number | string)[],
  symbols: Symbols,
): Finding {
  const shown = `${path} has shape [${shape.join(", ")}]`;
  const fail = (why: string): Finding => ({ check: "hdf5/shape", passed: false, message: `${shown}, ${why}` });
  if (shape.length !== expected.length) return fail(`must have ${expected.length} dimensions [${expected.join(", ")}]`);
  for (const [axis, want] of expected.entries()) {
    const extent = shape[axis]!;
    if (typeof want === "number") {
      if (extent !== want) return fail(`must be [${expected.join(", ")}]`);
      continue;
    }
    const known = symbols.get(want);
    if (!known) symbols.set(want, { extent, from: path });
    else if (known.extent !== extent) return fail(`but ${want} = ${known.extent} by ${known.from}`);
  }
  return { check: "hdf5/shape", passed: true, message: shown };
}

/** One pass for both; values that are not finite do not count for the range. */
function* valueChecks(file: InspectingReader, path: string, { finite, range }: DatasetCheckIR): Generator<Finding> {
  const seen = { count: 0, finite: 0, min: Infinity, max: -Infinity };
  try {
    for (const values of file.slabs(path)) {
      if (Array.isArray(values)) throw new TypeError(`${path} holds text, not numbers`);
      scan(values as Exclude<DatasetValues, readonly string[]>, seen);
    }
  } catch (error) {
    yield { check: "hdf5/values", passed: false, message: (error as Error).message };
    return;
  }
  if (finite !== undefined) {
    const share = seen.count === 0 ? 1 : seen.finite / seen.count;
    const bad = seen.count - seen.finite;
    yield {
      check: "hdf5/finite",
      passed: share >= finite,
      message: `${path}: ${bad} of ${seen.count} values are not finite${share >= finite ? "" : finite === 1 ? "; all must be" : `; a share of ${finite} must be`}`,
    };
  }
  if (range) {
    const low = range.min !== undefined && seen.min < range.min;
    const high = range.max !== undefined && seen.max > range.max;
    const span = seen.finite === 0 ? "no finite values" : `values from ${seen.min} to ${seen.max}`;
    const limits = `[${range.min ?? "-inf"}, ${range.max ?? "inf"}]`;
    yield {
      check: "hdf5/range",
      passed: !low && !high,
      message: `${path}: ${span}${low || high ? `, must lie in ${limits}` : ""}`,
    };
  }
}

function scan(
  values: ArrayLike<number | bigint>,
  seen: { count: number; finite: number; min: number; max: number },
): void {
  let { finite, min, max } = seen;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    // value - value is 0 exactly for finite numbers: cheaper than a call in a loop over 10^8 values.
    if (value - value !== 0) continue;
    finite += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  seen.count += values.length;
  Object.assign(seen, { finite, min, max });
}
