// Values of axes as people type them: `1.4`, `0..9`, `a|b`. What --where and the brackets of a selection have in common.
import type { Scalar } from "../ir/json.ts";
import { keyValue } from "../ir/key.ts";

export type Accepts = (value: Scalar) => boolean;

/** At commas outside quotes. */
export function splitClauses(text: string): string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? []).map((clause) => clause.trim());
}

/** Alternatives are joined by `|`, outside quotes. */
export function acceptsAny(text: string): Accepts {
  const any = (text.match(/(?:"(?:[^"\\]|\\.)*"|[^|])+/g) ?? [""]).map((value) => acceptsValue(value.trim()));
  return (value) => any.some((accepts) => accepts(value));
}

/** A value as keys show it, or an inclusive range of numbers. */
export function acceptsValue(text: string): Accepts {
  const range = /^(-?[\d.eE+-]+?)\.\.(-?[\d.eE+-]+)$/.exec(text);
  const [low, high] = [Number(range?.[1]), Number(range?.[2])];
  if (range && !Number.isNaN(low) && !Number.isNaN(high))
    return (value) => typeof value === "number" && value >= low && value <= high;
  const number = Number(text);
  return (value) =>
    String(value) === text ||
    keyValue(value) === text ||
    (typeof value === "number" && text !== "" && value === number);
}
