// What the host gives to an evaluation: variable values and directory listings, as plain JSON set before the module runs.
import type { Json } from "../ir/json.ts";

export interface Given {
  /** From --set, by variable name. Text. */
  readonly set: Readonly<Record<string, Json>>;
  /** From CMC_VAR_<NAME>, by upper-case name. Text. */
  readonly environment: Readonly<Record<string, Json>>;
  /** From the YAML file of --vars, by variable name. */
  readonly file: Readonly<Record<string, Json>>;
  /** Working directory: what a given `path` is relative to. */
  readonly cwd: string;
  /** The campaign file's folder: what the default of a `path` is relative to. */
  readonly campaignDir: string;
  /** By listing name: relative paths, sorted. Absent: the host has not looked yet. */
  readonly listings: Readonly<Record<string, readonly string[]>>;
}

const NOTHING: Given = { set: {}, environment: {}, file: {}, cwd: "/", campaignDir: "/", listings: {} };
let current = NOTHING;

export function give(given: Partial<Given>): void {
  current = { ...NOTHING, ...given };
}

export function given(): Given {
  return current;
}

/** Value given from outside; the command line wins over the environment, that over a file. Undefined: none is given. */
export function givenVariable(name: string): Json | undefined {
  const { set, environment, file } = current;
  if (Object.hasOwn(set, name)) return set[name];
  const upper = name.toUpperCase();
  if (Object.hasOwn(environment, upper)) return environment[upper];
  return Object.hasOwn(file, name) ? file[name] : undefined;
}
