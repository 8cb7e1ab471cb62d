// Reads encoded definitions: each getter refuses what is not allowed, with a located diagnostic, and goes on. Nothing throws here.
import type { DiagnosticCode } from "../../diagnostics/catalogue.ts";
import { parseDuration, parseSize } from "../../author/units.ts";
import { hasPlaceholder } from "../../ir/placeholder.ts";
import { didYouMean } from "./suggest.ts";

export type Report = (code: DiagnosticCode, message: string, at: readonly string[], remedy?: string) => void;
export type Fields = Readonly<Record<string, unknown>>;

export interface Reader {
  readonly fields: Fields;
  readonly at: readonly string[];
  readonly report: Report;
}

export function reader(value: unknown, at: readonly string[], report: Report): Reader {
  const fields = fieldsOf(value);
  if (!fields && value !== undefined)
    report("compile/bad-definition", `${at.join(".") || "the definition"} is ${shown(value)}, not an object`, at);
  return { fields: fields ?? {}, at, report };
}

/** Undefined: it is no plain object. */
export function fieldsOf(value: unknown): Fields | undefined {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value) && !("$" in value);
  return plain ? (value as Fields) : undefined;
}

export function inside(from: Reader, name: string): Reader {
  return reader(from.fields[name], [...from.at, name], from.report);
}

/** Refuses members that nothing reads: an object kept in a constant escapes the type checker's excess property check. */
export function onlyKnown(from: Reader, names: readonly string[], what: string): void {
  for (const name of Object.keys(from.fields))
    if (!names.includes(name))
      from.report(
        "compile/unknown-option",
        `${what} has no option ${name}`,
        [...from.at, name],
        didYouMean(name, names, "options"),
      );
}

/** The realm's mark of a function of the point. */
export function isFunction(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { $?: unknown }).$ === "function";
}

export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null && "$" in value) return `a ${String((value as { $: unknown }).$)}`;
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function wrong(from: Reader, name: string, expected: string): undefined {
  from.report("compile/bad-definition", `${name} is ${shown(from.fields[name])}; expected ${expected}`, [
    ...from.at,
    name,
  ]);
  return undefined;
}

export function text(from: Reader, name: string): string | undefined {
  const value = from.fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== "string") return wrong(from, name, "text");
  if (hasPlaceholder(value)) return wrong(from, name, "text without the private-use characters U+E0C1 and U+E0C2");
  return value;
}

export function texts(from: Reader, name: string): readonly string[] | undefined {
  const value = from.fields[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
    return wrong(from, name, "a list of texts");
  return value as string[];
}

export function oneOf<T extends string>(from: Reader, name: string, values: readonly T[]): T | undefined {
  const value = from.fields[name];
  if (value === undefined || values.includes(value as T)) return value as T | undefined;
  return wrong(from, name, `one of ${values.join(", ")}`);
}

export function flag(from: Reader, name: string): boolean | undefined {
  const value = from.fields[name];
  return value === undefined || typeof value === "boolean" ? value : wrong(from, name, "true or false");
}

export interface NumberRule {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

export function number(from: Reader, name: string, rule: NumberRule = {}): number | undefined {
  const value = from.fields[name];
  if (value === undefined) return undefined;
  const { min, above, max, whole } = rule;
  const fits =
    typeof value === "number" && (!whole || Number.isSafeInteger(value)) &&
    (min === undefined || value >= min) && (above === undefined || value > above) && (max === undefined || value <= max); // prettier-ignore
  if (fits) return value;
  const bounds = [
    min === undefined ? "" : `at least ${min}`,
    above === undefined ? "" : `above ${above}`,
    max === undefined ? "" : `at most ${max}`,
  ].filter(Boolean);
  return wrong(
    from,
    name,
    `${whole ? "a whole number" : "a number"}${bounds.length ? `, ${bounds.join(" and ")}` : ""}`,
  );
}

/** Seconds. */
export function duration(from: Reader, name: string): number | undefined {
  return unit(from, name, parseDuration, "a duration");
}

/** Bytes. */
export function size(from: Reader, name: string): number | undefined {
  return unit(from, name, parseSize, "a size");
}

function unit(
  from: Reader,
  name: string,
  parse: (text: string) => number | undefined,
  what: string,
): number | undefined {
  const value = from.fields[name];
  if (value === undefined) return undefined;
  const parsed = typeof value === "string" ? parse(value) : undefined;
  if (parsed === undefined)
    from.report("compile/bad-unit", `${name} is ${shown(value)}, which is not ${what}`, [...from.at, name]);
  return parsed;
}
