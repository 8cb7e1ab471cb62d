// Axes and matrices: the points a stage has jobs for. Pure data; the order written is the order of jobs, outermost first.
import type { Scalar } from "../ir/json.ts";
import { axisNumber } from "../ir/key.ts";
import { refuse } from "./refuse.ts";

/** Some axes together with the points they take. `P` is the type of a point, e.g. `{ realization: number }`. */
export interface Dimension<P> {
  readonly axes: readonly { readonly name: string; readonly unit?: string }[];
  readonly points: readonly P[];
  /** Keeps the points for which `keep` is true. */
  where(keep: (point: P) => boolean): Dimension<P>;
}

export interface Axis<Name extends string, Value extends Scalar> extends Dimension<{ readonly [K in Name]: Value }> {
  readonly name: Name;
  readonly values: readonly Value[];
}

/** Numbers widen (a redshift is a number), strings stay literal (`"bigbox" | "tiled"`). */
type Widen<V extends Scalar> = V extends number ? number : V extends boolean ? boolean : V;

type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;
/** Point of a product or zip of dimensions. */
export type PointOf<M extends readonly Dimension<never>[] | readonly Dimension<any>[]> = M extends readonly []
  ? Readonly<Record<string, never>>
  : Intersection<{ [K in keyof M]: M[K] extends Dimension<infer P> ? P : never }[number]>;

export interface RangeOptions {
  /** First value; 0 unless said. */
  readonly start?: number;
  /** Number of values before include and exclude. */
  readonly count: number;
  /** 1 unless said. */
  readonly step?: number;
  /** Added at the end, in the order written, where not already there. */
  readonly include?: readonly number[];
  /** Left out; a value that is not in the range is an error (a misprint would go unseen). */
  readonly exclude?: readonly number[];
  readonly unit?: string;
}

interface ListOptions {
  readonly unit?: string;
}

function makeAxis<N extends string, V extends Scalar>(name: N, raw: readonly V[], unit?: string): Axis<N, V> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    refuse(
      "compile/bad-axis",
      `axis name ${JSON.stringify(name)} is not an identifier`,
      `Use letters, digits and underscores.`,
    );
  const values = raw.map((value) => (typeof value === "number" ? (axisNumber(value) as V) : value));
  const bad = values.find((value) => typeof value === "number" && !Number.isFinite(value));
  if (bad !== undefined)
    refuse(
      "compile/bad-axis",
      `axis ${name} has the value ${String(bad)}`,
      "Axis values are finite numbers, strings or booleans.",
    );
  const seen = new Set<Scalar>();
  for (const value of values) {
    if (seen.has(value))
      refuse(
        "compile/bad-axis",
        `axis ${name} has the value ${JSON.stringify(value)} twice`,
        "Remove the repeated value: each would name the same job.",
      );
    seen.add(value);
  }
  const described = { name, ...(unit === undefined ? {} : { unit }) };
  const points = values.map((value) => ({ [name]: value }) as { readonly [K in N]: V });
  return { ...dimension([described], points), name, values };
}

function dimension<P>(axes: Dimension<P>["axes"], points: readonly P[]): Dimension<P> {
  return {
    axes,
    points,
    where: (keep) =>
      dimension(
        axes,
        points.filter((point) => keep(point)),
      ),
  };
}

/** Evenly stepped numbers: `{ start: 3000, count: 100, exclude: [3017] }`. */
function range<const N extends string>(name: N, options: RangeOptions): Axis<N, number> {
  const { start = 0, count, step = 1, include = [], exclude = [], unit } = options;
  if (!Number.isSafeInteger(count) || count < 0)
    refuse("compile/bad-axis", `axis ${name}: count is ${count}`, "Give a whole number of values, 0 or more.");
  const all = Array.from({ length: count }, (_, i) => axisNumber(start + i * step));
  const present = new Set(all);
  for (const value of include) if (!present.has(axisNumber(value))) all.push(axisNumber(value));
  const known = new Set(all);
  const stray = exclude.find((value) => !known.has(axisNumber(value)));
  if (stray !== undefined)
    refuse(
      "compile/bad-axis",
      `axis ${name} excludes ${stray}, which it does not have`,
      "Remove it from exclude, or correct the range.",
    );
  const dropped = new Set(exclude.map(axisNumber));
  return makeAxis(
    name,
    all.filter((value) => !dropped.has(value)),
    unit,
  );
}

/** Values in the order written; the order is the priority. */
function list<const N extends string, const V extends Scalar>(
  name: N,
  values: readonly V[],
  options: ListOptions = {},
): Axis<N, Widen<V>> {
  return makeAxis(name, values as readonly Widen<V>[], options.unit);
}

/** `count` numbers from `from` to `to`, both included, evenly spaced. */
function linspace<const N extends string>(
  name: N,
  options: { from: number; to: number; count: number; unit?: string },
): Axis<N, number> {
  const { from, to, count, unit } = options;
  const at = (i: number) => (count === 1 ? from : from + ((to - from) * i) / (count - 1));
  return makeAxis(
    name,
    Array.from({ length: count }, (_, i) => axisNumber(at(i))),
    unit,
  );
}

/** `count` numbers from `from` to `to`, both included, evenly spaced in the logarithm. Never by `**`: it differs between versions of Node. */
function logspace<const N extends string>(
  name: N,
  options: { from: number; to: number; count: number; unit?: string },
): Axis<N, number> {
  const { from, to, count, unit } = options;
  if (from <= 0 || to <= 0)
    refuse("compile/bad-axis", `axis ${name}: logspace from ${from} to ${to}`, "Both ends must be above zero.");
  const [a, b] = [Math.log10(from), Math.log10(to)];
  const at = (i: number) => (i === 0 ? from : i === count - 1 ? to : powerOfTen(a + ((b - a) * i) / (count - 1)));
  return makeAxis(
    name,
    Array.from({ length: count }, (_, i) => axisNumber(at(i))),
    unit,
  );
}

/** Whole powers are exact; what remains is below a decade, so that its error stays below the 15 digits that are kept. */
function powerOfTen(exponent: number): number {
  const whole = Math.floor(exponent + 1e-12);
  const rest = exponent - whole;
  return rest < 1e-12 ? Number(`1e${whole}`) : Number(`1e${whole}`) * Math.exp(rest * Math.LN10);
}

export const axis = { range, list, linspace, logspace } as const;

/** Every combination; the first dimension is the outermost. */
export function product<const M extends readonly Dimension<any>[]>(...dimensions: M): Dimension<PointOf<M>> {
  let points: object[] = [{}];
  for (const next of dimensions)
    points = points.flatMap((outer) => next.points.map((inner) => ({ ...outer, ...(inner as object) })));
  return dimension(uniqueAxes(dimensions), points as PointOf<M>[]);
}

/** Element by element; all must be of one length. */
export function zip<const M extends readonly Dimension<any>[]>(...dimensions: M): Dimension<PointOf<M>> {
  const lengths = dimensions.map((d) => d.points.length);
  if (new Set(lengths).size > 1)
    refuse(
      "compile/bad-axis",
      `zip of ${lengths.join(" and ")} values`,
      "Zipped axes must have the same number of values.",
    );
  const points = Array.from(
    { length: lengths[0] ?? 0 },
    (_, i) => Object.assign({}, ...dimensions.map((d) => d.points[i] as object)) as PointOf<M>,
  );
  return dimension(uniqueAxes(dimensions), points);
}

function uniqueAxes(dimensions: readonly Dimension<any>[]): Dimension<unknown>["axes"] {
  const axes = dimensions.flatMap((d) => d.axes);
  const names = axes.map((a) => a.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    refuse("compile/bad-axis", `axis ${twice} stands twice in one matrix`, "Each axis may be used once.");
  return axes;
}
