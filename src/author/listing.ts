// Listings: files of a folder as declared input to the campaign. Names only; adding a file is a visible change in the plan.
import { type Axis, axis } from "./axis.ts";
import { given } from "./given.ts";
import { parsePattern, matchPattern } from "./pattern.ts";
import { record } from "./registry.ts";
import { Refusal, refuse } from "./refuse.ts";

export interface ListingRequest {
  readonly name: string;
  readonly root: string;
  readonly pattern: string;
}

/** Thrown when the host has not looked into the folder yet; it does, and evaluates again. */
export class ListingNeeded extends Refusal {
  constructor(readonly request: ListingRequest) {
    super("compile/listing-needed", `listing ${request.name} is needed`, "");
  }
}

type FieldsOf<T extends string> = T extends `${string}{${infer F}}${infer Rest}` ? F | FieldsOf<Rest> : never;
type FieldName<F> = F extends `${infer N}:${string}` ? N : F;
type FieldType<F> = F extends `${string}:number` | `${string}:int` ? number : string;
/** Fields of a pattern: `{zs:number}_s{seed:int}` gives `{ zs: number; seed: number }`. */
export type PatternFields<T extends string> = { readonly [F in FieldsOf<T> as FieldName<F> & string]: FieldType<F> };

export interface Listing<E> {
  readonly name: string;
  /** Every file that matches, sorted by path, with the fields read from its name. */
  readonly entries: readonly (E & { readonly path: string })[];
  /** The distinct values of a field, ascending, as an axis of the same name. */
  axis<const F extends keyof E & string>(field: F): Axis<F, E[F] & (string | number)>;
  /** Paths of the entries that agree with `fields`, in order. */
  paths(fields: Partial<E>): readonly string[];
}

/**
 * Files below `root` whose path matches `pattern`: `"{box}/stats/stats_zs{zs:number}_s{seed:int}_oa10.h5"`.
 * A field is `{name}` (text without "/"), `{name:int}` or `{name:number}`. A folder that matches nothing is refused.
 */
export function listing<const T extends string>(
  name: string,
  options: { readonly root: string; readonly pattern: T },
): Listing<PatternFields<T>> {
  const request = { name, root: options.root, pattern: options.pattern };
  record({ kind: "listing", ...request });
  const pattern = parsePattern(options.pattern);
  const found = given().listings[name];
  if (!found) throw new ListingNeeded(request);
  const entries = found.flatMap((path) => {
    const fields = matchPattern(pattern, path);
    return fields ? [{ ...fields, path: `${options.root}/${path}` }] : [];
  }) as unknown as (PatternFields<T> & { readonly path: string })[];
  if (entries.length === 0)
    refuse(
      "compile/listing-empty",
      `no file below ${options.root} matches ${options.pattern}`,
      "Check the folder and the pattern; fields are {name}, {name:int}, {name:number}.",
    );
  const value = (entry: object, field: string) => (entry as Record<string, string | number>)[field]!;
  return {
    name,
    entries,
    axis(field) {
      const distinct = [...new Set(entries.map((entry) => value(entry, field)))];
      distinct.sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : 1));
      return axis.list(field, distinct) as never;
    },
    paths: (fields) =>
      entries
        .filter((entry) => Object.keys(fields).every((f) => value(entry, f) === value(fields, f)))
        .map((entry) => entry.path),
  };
}
