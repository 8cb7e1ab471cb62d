// Hdf5Reader over h5wasm: opens, describes, reads in slabs, and throws sentences instead of error stacks.
import * as h5wasm from "h5wasm/node";
import type { DatasetValues, Dtype, Hdf5Reader } from "../../author/hdf5.ts";
import { ARRAY, dtypeOf, typeName } from "./dtype.ts";
import { plainError } from "./library.ts";
import { whyNotHdf5 } from "./signature.ts";
import { slabs } from "./slabs.ts";

export class Hdf5Error extends Error {
  override readonly name = "Hdf5Error";
}

export type Values = DatasetValues;

/** What validators need beyond a task's reader. */
export interface InspectingReader extends Hdf5Reader {
  /** Shape and type in words, also for types `info` refuses. */
  describe(path: string): { readonly shape: readonly number[]; readonly dtype?: Dtype; readonly type: string };
  /** Values slab by slab: never more than 256 MB at once. */
  slabs(path: string): Generator<DatasetValues>;
  /** Paths of all datasets, without a leading slash. */
  datasets(): string[];
  attributeNames(path: string): readonly string[];
}

/** Throws Hdf5Error for what is not a whole HDF5 file. */
export function openFile<T>(path: string, read: (file: InspectingReader) => T): T {
  const why = whyNotHdf5(path);
  if (why !== undefined) throw new Hdf5Error(`${path} ${why}`);
  let file: h5wasm.File;
  try {
    file = new h5wasm.File(path, "r");
  } catch (error) {
    throw new Hdf5Error(`${path} cannot be opened, it is truncated or damaged: ${plainError(error)}`);
  }
  try {
    return read(reader(file, path));
  } finally {
    file.close();
  }
}

function reader(file: h5wasm.File, filePath: string): InspectingReader {
  const guarded = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof Hdf5Error) throw error;
      throw new Hdf5Error(`${filePath}: ${what}: ${plainError(error)}`);
    }
  };
  const contents = new Contents(file);
  const find = (path: string): h5wasm.Group | h5wasm.Dataset | undefined => {
    const name = trim(path);
    const entity = guarded(`${name} cannot be looked up`, () => contents.at(name));
    return entity instanceof h5wasm.Group || entity instanceof h5wasm.Dataset ? entity : undefined;
  };
  const object = (path: string): h5wasm.Group | h5wasm.Dataset => {
    const found = find(path);
    if (!found) throw new Hdf5Error(`${filePath} has no ${trim(path)}`);
    return found;
  };
  const dataset = (path: string): h5wasm.Dataset => {
    const found = object(path);
    if (!(found instanceof h5wasm.Dataset)) throw new Hdf5Error(`${filePath}: ${trim(path)} is a group, not a dataset`);
    return found;
  };
  const group = (path: string): h5wasm.Group => {
    const found = object(path);
    if (!(found instanceof h5wasm.Group)) throw new Hdf5Error(`${filePath}: ${trim(path)} is a dataset, not a group`);
    return found;
  };
  const describe: InspectingReader["describe"] = (path) => {
    const { metadata } = dataset(path);
    if (metadata.shape === null) throw new Hdf5Error(`${filePath}: ${trim(path)} holds nothing (null dataspace)`);
    return { shape: [...metadata.shape], dtype: dtypeOf(metadata), type: typeName(metadata) };
  };
  const info: Hdf5Reader["info"] = (path) => {
    const { shape, dtype, type } = describe(path);
    if (dtype === undefined)
      throw new Hdf5Error(`${filePath}: ${trim(path)} has a type that is not supported: ${type}`);
    return { shape, dtype };
  };
  function* readSlabs(path: string): Generator<DatasetValues> {
    const { shape, dtype } = info(path);
    const set = dataset(path);
    // Variable-length strings are pointers of 4 bytes in wasm memory; 64 is a guess at text and pointer together.
    const bytes = dtype === "str" ? 64 : ARRAY[dtype].BYTES_PER_ELEMENT;
    for (const ranges of slabs(shape, bytes))
      yield guarded(`${trim(path)} cannot be read`, () => list(ranges.length === 0 ? set.value : set.slice(ranges)));
  }
  const read = (path: string): DatasetValues => {
    const { shape, dtype } = info(path);
    const length = shape.reduce((product, extent) => product * extent, 1);
    if (dtype === "str") return [...readSlabs(path)].flatMap((part) => part as readonly string[]);
    let whole: Exclude<DatasetValues, readonly string[]> | undefined;
    let at = 0;
    for (const part of readSlabs(path)) {
      const values = part as Exclude<DatasetValues, readonly string[]>;
      if (values.length === length) return values;
      whole ??= new ARRAY[dtype](length);
      (whole as Float64Array).set(values as Float64Array, at);
      at += values.length;
    }
    return whole ?? new ARRAY[dtype](0);
  };
  return {
    keys: (path) => guarded(`group ${path}`, () => [...group(path).keys()].sort()),
    has: (path) => find(path) !== undefined,
    info,
    describe,
    read,
    slabs: readSlabs,
    numbers: (path) => toNumbers(read(path), `${filePath}: ${trim(path)}`),
    attribute: (path, name) => {
      const owner = object(path);
      if (!names(owner).includes(name)) return undefined;
      return guarded(`attribute ${name} of ${path}`, () =>
        scalar(owner.get_attribute(name, false), `${filePath}: attribute ${name}`),
      );
    },
    attributeNames: (path) => names(object(path)),
    datasets: () => guarded("its groups cannot be listed", () => contents.datasets("")),
  };
}

function names(owner: h5wasm.Group | h5wasm.Dataset): string[] {
  return h5wasm.Module.get_attribute_names(owner.file_id, owner.path);
}

/** What lies where in a file that nobody writes to. HDF5 is asked for each thing once: to list a group costs more than to read it. */
class Contents {
  private readonly entities = new Map<string, h5wasm.Entity | null>();
  private readonly members = new Map<h5wasm.Group, ReadonlySet<string>>();

  constructor(file: h5wasm.File) {
    this.entities.set("", file);
  }

  /** Step by step: asking for a/b where a is absent makes HDF5 throw instead of saying no. */
  at(path: string): h5wasm.Entity | null {
    const known = this.entities.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf("/");
    const group = this.at(path.slice(0, Math.max(0, slash)));
    const name = path.slice(slash + 1);
    const found = group instanceof h5wasm.Group && this.namesIn(group).has(name) ? group.get(name) : null;
    this.entities.set(path, found);
    return found;
  }

  /** Paths of all datasets below a group. */
  datasets(path: string): string[] {
    const entity = this.at(path);
    if (entity instanceof h5wasm.Dataset) return [path];
    if (!(entity instanceof h5wasm.Group)) return [];
    return [...this.namesIn(entity)].sort().flatMap((name) => this.datasets(path === "" ? name : `${path}/${name}`));
  }

  private namesIn(group: h5wasm.Group): ReadonlySet<string> {
    const known = this.members.get(group);
    if (known) return known;
    const names = new Set(group.keys());
    this.members.set(group, names);
    return names;
  }
}

/** A scalar dataset comes as a bare value. */
function list(value: unknown): DatasetValues {
  if (ArrayBuffer.isView(value)) return value as unknown as DatasetValues;
  if (Array.isArray(value)) return value as string[];
  if (typeof value === "string") return [value];
  if (typeof value === "number") return Float64Array.of(value);
  if (typeof value === "bigint") return value < 0n ? BigInt64Array.of(value) : BigUint64Array.of(value);
  throw new Hdf5Error(`unexpected value of type ${typeof value}`);
}

function scalar(value: unknown, what: string): number | bigint | string {
  const single =
    (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as unknown as ArrayLike<unknown>).length === 1
      ? (value as unknown as ArrayLike<unknown>)[0]
      : value;
  if (typeof single === "number" || typeof single === "bigint" || typeof single === "string") return single;
  if (typeof single === "boolean") return Number(single);
  throw new Hdf5Error(`${what} is not a single number or text`);
}

function toNumbers(values: DatasetValues, what: string): Float64Array {
  if (values instanceof Float64Array) return values;
  if (Array.isArray(values)) throw new Hdf5Error(`${what} holds text, not numbers`);
  return Float64Array.from(values as ArrayLike<number | bigint>, Number);
}

function trim(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}
