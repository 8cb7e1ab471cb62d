// Outputs of a stage: what each job must leave behind, and what makes it valid. Data for validators/; nothing is checked here.
import type { Json, Scalar } from "../ir/json.ts";
import type { Size } from "./units.ts";
import type { Dtype } from "./hdf5.ts";

/** Path of an output relative to the campaign root, computed from the point. Two jobs must never share one. */
export type PathOf<P> = (point: P) => string;

export interface SizeBounds {
  readonly min?: Size;
  readonly max?: Size;
}

export interface DatasetCheck {
  readonly dtype?: Dtype;
  /** Extents: a number, or a symbol (`"n"`) that must be the same number wherever it stands in the file. */
  readonly shape?: readonly (number | string)[];
  /** True: every value finite; a number: at least that share of them. */
  readonly finite?: boolean | number;
  /** Inclusive. */
  readonly range?: { readonly min?: number; readonly max?: number };
  /** Absent datasets pass. */
  readonly optional?: boolean;
}

/** The attribute must say what the job was asked for. */
export interface Echo<Of extends string> {
  readonly echo: Of;
  readonly tolerance: number;
}

/** `echo("redshift")`, `echo("params.lgmpMin")`. `tolerance` is relative, 1e-9 unless said. */
export function echo<const Of extends string>(of: Of, options: { readonly tolerance?: number } = {}): Echo<Of> {
  return { echo: of, tolerance: options.tolerance ?? 1e-9 };
}

export interface Hdf5Checks<P> {
  readonly datasets?: Readonly<Record<string, DatasetCheck>>;
  /** Root attributes, or `"group/name@attribute"` for others: an echo, a value, or true for "must be there". */
  readonly attributes?: Readonly<
    Record<string, Echo<(keyof P & string) | `params.${string}`> | string | number | true>
  >;
  /** True: datasets that are not listed are refused. */
  readonly exact?: boolean;
  readonly size?: SizeBounds;
  /** True: the receipt records sha256 of the content, for `cmc verify --deep`. As `outputs.digests` of the campaign unless said; never a reason to rerun. */
  readonly digest?: boolean;
}

export type OutputKind = "hdf5" | "json" | "file" | "dir";

/** `P` is what the path needs of the point. */
export interface Output<P> {
  readonly kind: OutputKind;
  readonly path: PathOf<P>;
  readonly options: object;
}

/** An HDF5 file, checked for structure and content before it counts. */
export function hdf5<P = Readonly<Record<never, never>>>(path: PathOf<P>, checks: Hdf5Checks<P> = {}): Output<P> {
  return { kind: "hdf5", path, options: checks };
}

/** A JSON file; `schema` is a JSON schema (draft 2020-12 as far as ajv 8 goes). */
export function json<P = Readonly<Record<never, never>>>(
  path: PathOf<P>,
  options: { readonly schema?: Json; readonly size?: SizeBounds; readonly digest?: boolean } = {},
): Output<P> {
  return { kind: "json", path, options };
}

export interface FileOptions {
  readonly size?: SizeBounds;
  /** A command that gets the path as last argument and must exit 0. */
  readonly check?: readonly [string, ...string[]];
  /** True: the receipt records sha256 of the content (of a folder: of the names and contents of its files). As `outputs.digests` of the campaign unless said. */
  readonly digest?: boolean;
}

export function file<P = Readonly<Record<never, never>>>(path: PathOf<P>, options: FileOptions = {}): Output<P> {
  return { kind: "file", path, options };
}

/** A folder; the job fills it, one rename publishes it. */
export function dir<P = Readonly<Record<never, never>>>(path: PathOf<P>, options: FileOptions = {}): Output<P> {
  return { kind: "dir", path, options };
}

/** Zero-padded whole number for paths: `pad(7, 4)` is `0007`. */
export function pad(value: Scalar, width: number): string {
  return String(value).padStart(width, "0");
}
