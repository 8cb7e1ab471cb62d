// JobKey: the stable, readable identity of a job, `mock[realization=3001,redshift=1.4]`. Never an array index.
// Axes stand in alphabetical order, so reordering a matrix keeps every identity.
import type { Scalar } from "./json.ts";

const PLAIN = /^[A-Za-z0-9_.+-]+$/;

/** Text of an axis value inside a key; strings that could be mistaken for something else are JSON-quoted. */
export function keyValue(value: Scalar): string {
  if (typeof value !== "string") return String(value);
  const unambiguous = PLAIN.test(value) && value !== "true" && value !== "false" && Number.isNaN(Number(value));
  return unambiguous ? value : JSON.stringify(value);
}

export function jobKey(stage: string, point: Readonly<Record<string, Scalar>>): string {
  const axes = Object.keys(point).sort();
  if (axes.length === 0) return stage;
  return `${stage}[${axes.map((axis) => `${axis}=${keyValue(point[axis]!)}`).join(",")}]`;
}

/** Stage of a key. */
export function keyStage(key: string): string {
  const bracket = key.indexOf("[");
  return bracket < 0 ? key : key.slice(0, bracket);
}

/** Numbers an axis may hold are rounded to 15 significant digits, because `**` differs in the last bit between Node 20/22 and 24. */
export function axisNumber(value: number): number {
  return Number(value.toPrecision(15));
}
