// What differs between two JSON values, path by path: `params.seed: 17 -> 18`. Pure text; knows nothing of jobs.
import { canonicalJson } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";

export interface Difference {
  readonly path: string;
  /** JSON text; absent where there is nothing on that side. */
  readonly old?: string;
  readonly new?: string;
}

/** In order of the paths as they are written; an empty list means equal. */
export function diffJson(before: Json | undefined, after: Json | undefined, path: string): Difference[] {
  const differences: Difference[] = [];
  walk(before, after, path, differences);
  return differences;
}

function walk(before: Json | undefined, after: Json | undefined, path: string, found: Difference[]): void {
  if (before === after) return;
  if (isList(before) && isList(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) walk(before[i], after[i], `${path}[${i}]`, found);
  } else if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    for (const name of names) walk(own(before, name), own(after, name), `${path}${step(name)}`, found);
  } else {
    found.push({
      path,
      ...(before === undefined ? {} : { old: canonicalJson(before) }),
      ...(after === undefined ? {} : { new: canonicalJson(after) }),
    });
  }
}

type Fields = { readonly [name: string]: Json };

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parameters come from people: `constructor` may be a name. */
function own(record: Fields, name: string): Json | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function step(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
