// A job context for tests: real HDF5 files through h5wasm, text on the real file system, metrics and log lines in memory.
import { readFileSync, writeFileSync } from "node:fs";
import type { DatasetValues, Dtype, Hdf5, Hdf5Reader, Hdf5Writer, InputValue, JobContext } from "cmc";
import h5wasm from "h5wasm/node";

type File = InstanceType<typeof h5wasm.File>;

const formats: Readonly<Record<Dtype, string>> = {
  f4: "<f", f8: "<d", i1: "<b", i2: "<h", i4: "<i", i8: "<q", u1: "<B", u2: "<H", u4: "<I", u8: "<Q", str: "S",
}; // prettier-ignore

function writer(file: File): Hdf5Writer {
  const makeParents = (path: string): void => {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, i) => {
      const group = parts.slice(0, i + 1).join("/");
      if (file.get(group) === null) file.create_group(group);
    });
  };
  return {
    dataset: (path, { dtype, shape, data, gzip }) => {
      if (shape.reduce((a, b) => a * b, 1) !== data.length)
        throw new Error(`${path}: ${data.length} values for ${shape}`);
      makeParents(path);
      const storage = gzip === undefined ? {} : { chunks: [...shape], compression: "gzip", compression_opts: [gzip] };
      const options = { name: path, data, shape: [...shape], dtype: formats[dtype], ...storage };
      file.create_dataset(options as unknown as Parameters<File["create_dataset"]>[0]);
    },
    attribute: (path, name, value, dtype) => {
      const target = (path === "/" ? file : file.get(path)) as File;
      if (dtype === "str") target.create_attribute(name, value as string);
      else target.create_attribute(name, value as never, [], formats[dtype]);
    },
  };
}

function reader(file: File): Hdf5Reader {
  const dataset = (path: string): InstanceType<typeof h5wasm.Dataset> => {
    const found = file.get(path);
    if (!(found instanceof h5wasm.Dataset)) throw new Error(`dataset ${path} is absent`);
    return found;
  };
  return {
    keys: (path) => [...(file.get(path) as File).keys()].sort(),
    has: (path) => file.get(path) !== null,
    info: (path) => {
      const { shape, dtype } = dataset(path);
      const found = Object.entries(formats).find(([, format]) => format === dtype);
      return { shape: shape ?? [], dtype: (found?.[0] ?? "str") as Dtype };
    },
    read: (path) => dataset(path).value as DatasetValues,
    numbers: (path) => {
      const { value } = dataset(path);
      return typeof value === "number" ? Float64Array.of(value) : Float64Array.from(value as never, Number);
    },
    attribute: (path, name) =>
      ((path === "/" ? file : file.get(path)) as File).attrs[name]?.value as number | undefined,
  };
}

async function loadHdf5(): Promise<Hdf5> {
  await h5wasm.ready;
  const using = <T>(path: string, mode: "r" | "w", act: (file: File) => T): T => {
    const file = new h5wasm.File(path, mode);
    try {
      return act(file);
    } finally {
      file.close();
    }
  };
  return {
    create: (path, write) => using(path, "w", (file) => write(writer(file))),
    open: (path, read) => using(path, "r", (file) => read(reader(file))),
  };
}

export const hdf5 = loadHdf5();

export interface Ran {
  readonly metrics: Readonly<Record<string, number>>;
  readonly log: readonly string[];
}

/** Runs a task function once and returns what it reported; what it throws passes through. */
export async function run<P, I extends Readonly<Record<string, InputValue>>, O extends string>(
  task: (ctx: JobContext<P, I, O>) => Promise<void>,
  job: { readonly params: P; readonly inputs: I; readonly outputs: Readonly<Record<O, string>> },
): Promise<Ran> {
  const metrics: Record<string, number> = {};
  const log: string[] = [];
  await task({
    ...job,
    key: task.name,
    point: {},
    attempt: 1,
    hdf5: () => hdf5,
    readText: (path) => readFileSync(path, "utf8"),
    writeText: (path, text) => writeFileSync(path, text),
    metric: (name, value) => void (metrics[name] = value),
    phase: () => undefined,
    log: (message) => void log.push(message),
  });
  return { metrics, log };
}
