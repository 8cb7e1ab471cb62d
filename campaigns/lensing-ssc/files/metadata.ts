// The parameters a statistics file was measured with: read, compare, write. They must agree before anything is stacked.
import type { Hdf5Reader, Hdf5Writer } from "cmc";

/** `metadata/parameters` of a statistics file without its creation date. */
export interface Metadata {
  /** Shape noise per galaxy. */
  readonly epsilon: number;
  readonly lmin: number;
  readonly lmax: number;
  readonly nbin: number;
  readonly patch_size_deg: number;
  readonly pixarea_arcmin2: number;
  /** Pixels on a side of a patch. */
  readonly xsize: number;
  /** Edges of the nu bins; nbin + 1 values. */
  readonly bins: readonly number[];
  readonly nu: readonly number[];
  readonly l_edges: readonly number[];
  readonly ell: readonly number[];
  readonly ngal_list: readonly number[];
  /** Smoothing scales in arcmin. */
  readonly sl_list: readonly number[];
}

const GROUP = "metadata/parameters";
const REALS = ["epsilon", "pixarea_arcmin2"] as const;
const INTEGERS = ["lmin", "lmax", "nbin", "patch_size_deg", "xsize"] as const;
const REAL_LISTS = ["bins", "nu", "l_edges", "ell"] as const;
const INTEGER_LISTS = ["ngal_list", "sl_list"] as const;

/** What is absent is named in the error; a wrong file must not look like an unequal one. */
export function readMetadata(file: Hdf5Reader, path: string): Metadata {
  if (!file.has(GROUP)) throw new Error(`${path}: no group ${GROUP}; this is not a LensingSSC statistics file`);
  const attribute = (name: string): number => {
    const value = file.attribute(GROUP, name);
    if (typeof value !== "number" && typeof value !== "bigint") {
      throw new Error(`${path}: attribute ${name} of ${GROUP} is ${value === undefined ? "absent" : "not a number"}`);
    }
    return Number(value);
  };
  const list = (name: string): readonly number[] => {
    if (!file.has(`${GROUP}/${name}`)) throw new Error(`${path}: dataset ${GROUP}/${name} is absent`);
    return Array.from(file.numbers(`${GROUP}/${name}`));
  };
  const entries = [
    ...[...REALS, ...INTEGERS].map((name) => [name, attribute(name)] as const),
    ...[...REAL_LISTS, ...INTEGER_LISTS].map((name) => [name, list(name)] as const),
  ];
  return Object.fromEntries(entries) as unknown as Metadata;
}

/** "epsilon: 0.26 against 0.3", one entry per parameter that differs. Exact: these are inputs, not measurements. */
export function metadataDifferences(first: Metadata, other: Metadata): readonly string[] {
  return [...REALS, ...INTEGERS, ...REAL_LISTS, ...INTEGER_LISTS].flatMap((name) => {
    const [a, b] = [JSON.stringify(first[name]), JSON.stringify(other[name])];
    return a === b ? [] : [`${name}: ${a} against ${b}`];
  });
}

/** The same group with the same names and types as in an input. */
export function writeMetadata(file: Hdf5Writer, metadata: Metadata): void {
  for (const name of REAL_LISTS) {
    const data = Float64Array.from(metadata[name]);
    file.dataset(`${GROUP}/${name}`, { dtype: "f8", shape: [data.length], data });
  }
  for (const name of INTEGER_LISTS) {
    const data = BigInt64Array.from(metadata[name], (value) => BigInt(value));
    file.dataset(`${GROUP}/${name}`, { dtype: "i8", shape: [data.length], data });
  }
  for (const name of REALS) file.attribute(GROUP, name, metadata[name], "f8");
  // patch_size_deg may be fractional in other runs: it keeps its value, whatever the authors' type was.
  for (const name of INTEGERS) {
    const value = metadata[name];
    if (Number.isInteger(value)) file.attribute(GROUP, name, BigInt(value), "i8");
    else file.attribute(GROUP, name, value, "f8");
  }
}
