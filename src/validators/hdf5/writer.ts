// Hdf5Writer over h5wasm: types are given, never guessed; parents are made; the clock is frozen so that equal calls give equal bytes.
import { rmSync } from "node:fs";
import * as h5wasm from "h5wasm/node";
import type { DatasetOptions, DatasetValues, Dtype, Hdf5Writer } from "../../author/hdf5.ts";
import { ARRAY, STRUCT } from "./dtype.ts";
import { plainError, withFrozenClock } from "./library.ts";
import { Hdf5Error } from "./reader.ts";

/** About 1 MB a chunk: HDF5's own advice, and the size of its chunk cache. */
const CHUNK_BYTES = 1 << 20;

/** Removes the file when `write` throws: a half-written one must not pass for output. */
export function createFile(path: string, write: (file: Hdf5Writer) => void): void {
  let file: h5wasm.File;
  try {
    file = withFrozenClock(() => new h5wasm.File(path, "w"));
  } catch (error) {
    throw new Hdf5Error(`${path} cannot be created: ${plainError(error)}`);
  }
  let whole = false;
  try {
    write(writer(file, path));
    whole = true;
  } finally {
    withFrozenClock(() => file.close());
    if (!whole) rmSync(path, { force: true });
  }
}

function writer(file: h5wasm.File, filePath: string): Hdf5Writer {
  const guarded = (what: string, work: () => void): void => {
    try {
      withFrozenClock(work);
    } catch (error) {
      throw error instanceof Hdf5Error ? error : new Hdf5Error(`${filePath}: ${what}: ${plainError(error)}`);
    }
  };
  return {
    dataset: (path, options) =>
      guarded(`dataset ${path}`, () => {
        const parts = path.split("/").filter((part) => part !== "");
        const name = parts.pop();
        if (name === undefined) throw new Hdf5Error(`a dataset needs a name: ${JSON.stringify(path)}`);
        const parent = parts.reduce((group, part) => childGroup(group, part, path), file as h5wasm.Group);
        if (parent.keys().includes(name)) throw new Hdf5Error(`${filePath}: ${path} exists already`);
        parent.create_dataset({ name, ...storage(path, options) });
      }),
    attribute: (path, name, value, dtype) =>
      guarded(`attribute ${name} of ${path}`, () => {
        const target = path === "/" || path === "" ? file : file.get(path.replace(/^\/+|\/+$/g, ""));
        if (!(target instanceof h5wasm.Group) && !(target instanceof h5wasm.Dataset))
          throw new Hdf5Error(`${filePath} has no ${path}`);
        target.create_attribute(name, attributeData(name, value, dtype), [], STRUCT[dtype]);
      }),
  };
}

function childGroup(group: h5wasm.Group, name: string, path: string): h5wasm.Group {
  if (!group.keys().includes(name)) return group.create_group(name);
  const child = group.get(name);
  if (child instanceof h5wasm.Group) return child;
  throw new Hdf5Error(`${name} in ${path} is a dataset, not a group`);
}

type Storage = Pick<
  Parameters<h5wasm.Group["create_dataset"]>[0],
  "data" | "shape" | "dtype" | "chunks" | "compression" | "compression_opts"
>;

function storage(path: string, { dtype, shape, data, gzip }: DatasetOptions): Storage {
  const length = shape.reduce((product, extent) => product * extent, 1);
  if (data.length !== length)
    throw new Hdf5Error(`${path}: shape [${shape.join(", ")}] needs ${length} values, ${data.length} given`);
  const base = { data: values(path, dtype, data) as Storage["data"], shape: [...shape], dtype: STRUCT[dtype] };
  if (gzip === undefined || length === 0 || shape.length === 0) return base;
  if (dtype === "str") throw new Hdf5Error(`${path}: text cannot be compressed`);
  if (!Number.isInteger(gzip) || gzip < 1 || gzip > 9) throw new Hdf5Error(`${path}: gzip level ${gzip} is not 1 to 9`);
  return {
    ...base,
    chunks: chunkShape(shape, ARRAY[dtype].BYTES_PER_ELEMENT),
    compression: "gzip",
    compression_opts: [gzip],
  };
}

/** The values in the array type that belongs to `dtype`. Floats convert into each other; integers must already be what they say. */
function values(path: string, dtype: Dtype, data: DatasetValues): DatasetValues {
  if (dtype === "str") {
    if (Array.isArray(data) && data.every((item) => typeof item === "string")) return data as readonly string[];
    throw new Hdf5Error(`${path}: dtype str needs an array of strings`);
  }
  const type = ARRAY[dtype];
  if ((data as object) instanceof type) return data;
  const float = data instanceof Float32Array || data instanceof Float64Array;
  if ((dtype === "f4" || dtype === "f8") && float)
    return dtype === "f4" ? Float32Array.from(data) : Float64Array.from(data);
  throw new Hdf5Error(
    `${path}: dtype ${dtype} needs a ${(type as unknown as { name: string }).name}, got ${data.constructor.name}`,
  );
}

function attributeData(name: string, value: number | bigint | string, dtype: Dtype): Storage["data"] {
  if (dtype === "str") {
    if (typeof value !== "string") throw new Hdf5Error(`attribute ${name}: dtype str needs text`);
    return value;
  }
  if (typeof value === "string") throw new Hdf5Error(`attribute ${name}: dtype ${dtype} needs a number`);
  const big = dtype === "i8" || dtype === "u8";
  const array = new ARRAY[dtype](1);
  array[0] = (big ? BigInt(value) : Number(value)) as never;
  const exact = dtype === "f4" || dtype === "f8" || BigInt(array[0] as number) === BigInt(value);
  if (!exact) throw new Hdf5Error(`attribute ${name}: ${value} does not fit ${dtype}`);
  return array as Storage["data"];
}

/** Whole trailing axes where they fit into a chunk, cut along the first that does not. */
function chunkShape(shape: readonly number[], bytesPerElement: number): number[] {
  const chunks = shape.map(() => 1);
  let room = Math.max(1, Math.floor(CHUNK_BYTES / bytesPerElement));
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    chunks[axis] = Math.max(1, Math.min(shape[axis]!, room));
    room = Math.max(1, Math.floor(room / chunks[axis]!));
  }
  return chunks;
}
