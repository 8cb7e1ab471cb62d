// HDF5 as a task sees it: the interface only. The implementation (h5wasm) lives in validators/ and is loaded on first use.

/** Element types, named as NumPy names them without the byte order (always little-endian on disk). */
export type Dtype = "f4" | "f8" | "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" | "str";

/** i8/u8 are BigInt arrays (exact beyond 2^53); "str" is variable-length UTF-8. */
export type DatasetValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | readonly string[];

export interface DatasetOptions {
  readonly dtype: Dtype;
  /** Extents, slowest first; `[]` is a scalar. Their product is the length of `data`. */
  readonly shape: readonly number[];
  readonly data: DatasetValues;
  /** gzip level 1-9. Absent: contiguous storage, as fast as the disk. */
  readonly gzip?: number;
}

export interface Hdf5Writer {
  /** Creates the dataset and every missing parent group. Throws when it exists or when length and shape disagree. */
  dataset(path: string, options: DatasetOptions): void;
  /** Attribute of the group or dataset at `path` ("/" is the root). dtype is never guessed. */
  attribute(path: string, name: string, value: number | bigint | string, dtype: Dtype): void;
}

export interface Hdf5Reader {
  /** Names in a group, sorted. Throws when the group is absent. */
  keys(path: string): readonly string[];
  has(path: string): boolean;
  /** Shape and dtype without reading the values. */
  info(path: string): { readonly shape: readonly number[]; readonly dtype: Dtype };
  /** All values, row-major. Throws on absent, truncated or undecodable data; never returns garbage. */
  read(path: string): DatasetValues;
  /** As `read`, converted to float64 (i8/u8 lose precision beyond 2^53). Throws for strings. */
  numbers(path: string): Float64Array;
  /** Attribute value; undefined when absent. i8/u8 come back as bigint. */
  attribute(path: string, name: string): number | bigint | string | undefined;
}

export interface Hdf5 {
  /** Writes one file; equal calls give equal bytes (object times are frozen). The file is closed when `write` returns. */
  create(path: string, write: (file: Hdf5Writer) => void): void;
  /** Opens read-only; closed when `read` returns or throws. */
  open<T>(path: string, read: (file: Hdf5Reader) => T): T;
}
