// Element types: our NumPy-like names, h5wasm's struct letters, HDF5's metadata. Conversions only.
import type { Metadata } from "h5wasm/node";
import type { DatasetValues, Dtype } from "../../author/hdf5.ts";

/** What h5wasm wants; always given, because it guesses int32 for 1e12 and stores -727379968 (building-blocks section 6). */
export const STRUCT: Readonly<Record<Dtype, string>> = {
  f4: "<f", f8: "<d", i1: "<b", i2: "<h", i4: "<i", i8: "<q", u1: "<B", u2: "<H", u4: "<I", u8: "<Q", str: "S",
}; // prettier-ignore

type NumericDtype = Exclude<Dtype, "str">;
type NumericArray = Exclude<DatasetValues, readonly string[]>;
type ArrayOf = { new (length: number): NumericArray; readonly BYTES_PER_ELEMENT: number };

export const ARRAY: Readonly<Record<NumericDtype, ArrayOf>> = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, i8: BigInt64Array,
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, u8: BigUint64Array,
}; // prettier-ignore

const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
const ENUM = 8;
const CLASS_NAMES = [
  "integer",
  "float",
  "time",
  "string",
  "bitfield",
  "opaque",
  "compound",
  "reference",
  "enum",
  "variable-length",
  "array",
];

/** Undefined: a type a task cannot ask for (compound, float16 ...). h5py's booleans are enums over i1. */
export function dtypeOf({ type, size, signed }: Metadata): Dtype | undefined {
  if (type === STRING) return "str";
  const letter = type === FLOAT ? "f" : type === INTEGER || type === ENUM ? (signed ? "i" : "u") : undefined;
  const name = `${letter}${size}`;
  return letter !== undefined && name in ARRAY ? (name as NumericDtype) : undefined;
}

/** For messages. */
export function typeName(metadata: Metadata): string {
  const name = CLASS_NAMES[metadata.type] ?? `type class ${metadata.type}`;
  return dtypeOf(metadata) ?? (metadata.type === FLOAT ? `f${metadata.size}` : name);
}
