// What the host gives to an evaluation: variable values and directory listings, as plain JSON set before the module runs.
import type { Json } from "../ir/json.ts";

export interface Given {
  /** By variable name; text from the command line or environment, or JSON from a file. */
  readonly variables: Readonly<Record<string, Json>>;
  /** By listing name: relative paths, sorted. Absent: the host has not looked yet. */
  readonly listings: Readonly<Record<string, readonly string[]>>;
}

let current: Given = { variables: {}, listings: {} };

export function give(given: Given): void {
  current = given;
}

export function given(): Given {
  return current;
}
