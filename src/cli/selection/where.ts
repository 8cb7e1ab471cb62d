// --where realization=3000..3099,redshift=1.4|2: alternatives of one axis are joined by `|` or by naming it again; different axes must all agree.
import { didYouMean, nearest } from "../../compile/definition/suggest.ts";
import { fail } from "../../diagnostics/diagnostic.ts";
import type { JobTable, StageTable } from "../../expand/table.ts";
import type { Scalar } from "../../ir/json.ts";
import { keyValue } from "../../ir/key.ts";
import { type Accepts, acceptsValue } from "../../plan/axis-values.ts";
import { grouped } from "../../plan/grouped.ts";
import { typed } from "./typed.ts";

/** By index within a stage. */
type PointTest = (index: number) => boolean;

/** A stage without one of the axes has no such jobs. Throws cli/bad-filter. */
export function pointFilter(table: JobTable, where: string): (stage: StageTable) => PointTest {
  const axes = parseWhere(table, where);
  return ({ stage, coords }) => {
    const allowed = [...axes].map(([name, accepts]) => {
      const a = stage.axes.findIndex((axis) => axis.name === name);
      return a < 0 ? undefined : { coords: coords[a]!, accepted: stage.axes[a]!.values.map(accepts) };
    });
    if (allowed.some((one) => one === undefined)) return () => false;
    return (index) => allowed.every((one) => one!.accepted[one!.coords[index]!]);
  };
}

function parseWhere(table: JobTable, where: string): ReadonlyMap<string, Accepts> {
  const axes = valuesOf(table);
  const clauses = new Map<string, Accepts[]>();
  for (const { 0: clause, index: at } of pieces(where, ",")) {
    const equals = clause.indexOf("=");
    const name = clause.slice(0, Math.max(0, equals)).trim();
    if (name === "")
      fail({
        code: "cli/bad-filter",
        message: `--where: '${clause.trim()}' is not AXIS=VALUE`,
        span: typed("--where", where, at, clause.length),
        remedy: "Write --where realization=3000..3099,redshift=1.4.",
      });
    const values = axes.get(name);
    if (!values)
      fail({
        code: "cli/bad-filter",
        message: `--where: there is no axis '${name}'`,
        span: typed("--where", where, at + clause.indexOf(name), name.length),
        remedy: didYouMean(name, [...axes.keys()], "axes"),
      });
    const accepts = pieces(clause.slice(equals + 1), "|").map(({ 0: piece, index }) => {
      const value = piece.trim();
      const test = acceptsValue(value);
      if (![...values].some(test))
        fail({
          code: "cli/bad-filter",
          message: `--where: no job has ${name}=${value}`,
          span: typed("--where", where, at + equals + 1 + index + piece.indexOf(value), value.length),
          remedy: valuesText(name, value, [...values]),
        });
      return test;
    });
    clauses.set(name, [...(clauses.get(name) ?? []), ...accepts]);
  }
  return new Map([...clauses].map(([name, any]) => [name, (value: Scalar) => any.some((accepts) => accepts(value))]));
}

/** Values of each axis, over all stages that have it. */
function valuesOf(table: JobTable): ReadonlyMap<string, ReadonlySet<Scalar>> {
  const axes = new Map<string, Set<Scalar>>();
  for (const { stage } of table.stages)
    for (const { name, values } of stage.axes) {
      const known = axes.get(name) ?? new Set();
      axes.set(name, known);
      for (const value of values) known.add(value);
    }
  return axes;
}

/** At separators outside quotes; empty pieces are left out, but for a whole text that is. */
function pieces(text: string, separator: "," | "|"): readonly RegExpExecArray[] {
  const pattern = separator === "," ? /(?:"(?:[^"\\]|\\.)*"|[^,])+/g : /(?:"(?:[^"\\]|\\.)*"|[^|])+/g;
  const found = [...text.matchAll(pattern)];
  return found.length > 0 ? found : [Object.assign(/^/.exec(text)!, { 0: text })];
}

/** Values listed one by one; of longer axes the ends are told. */
const LISTED = 20;

/** What an axis has, and which of it may have been meant. */
export function valuesText(axis: string, text: string, values: readonly Scalar[]): string {
  const names = values.map(keyValue);
  if (names.length <= LISTED) return didYouMean(text, names, `values of ${axis}`);
  const ends = `${axis} has ${grouped(names.length)} values, ${names[0]} to ${names.at(-1)}.`;
  // Among many numbers the nearest in spelling is none that anybody meant.
  const near = Number.isNaN(Number(text)) ? nearest(text, names) : undefined;
  return near === undefined ? ends : `Did you mean ${near}? ${ends}`;
}
