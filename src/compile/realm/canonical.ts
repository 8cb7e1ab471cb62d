// Canonical JSON inside the realm: as ir/canonical.ts writes it, and a refusal that names the place of what is not JSON.
import type { Json } from "../../ir/json.ts";
import { refuse } from "../../author/refuse.ts";

/** `name` is how the value is called in messages ("params"), `at` where it stands in the definition. */
export function canonical(value: unknown, name: string, at: readonly string[]): string {
  return write(value, name, at, 0);
}

function write(value: unknown, name: string, at: readonly string[], depth: number): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : notJson(name, String(value), at);
  if (depth > 100) return notJson(name, "nested more than 100 deep (a circle?)", at);
  if (Array.isArray(value)) {
    const items: string[] = [];
    for (let i = 0; i < value.length; i++) items.push(write(value[i], `${name}[${i}]`, at, depth + 1));
    return `[${items.join(",")}]`;
  }
  if (typeof value !== "object") return notJson(name, value === undefined ? "undefined" : `a ${typeof value}`, at);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && prototype !== Object.prototype) return notJson(name, `an instance of ${className(prototype)}`, at);
  const record = value as Record<string, Json>;
  const parts: string[] = [];
  for (const key of Object.keys(record).sort()) parts.push(`${JSON.stringify(key)}:${write(record[key], `${name}.${key}`, at, depth + 1)}`);
  return `{${parts.join(",")}}`;
}

function className(prototype: object): string {
  const { constructor } = prototype as { constructor?: { name?: string } };
  return constructor?.name || "a class";
}

function notJson(name: string, what: string, at: readonly string[]): never {
  return refuse("compile/not-json", `${name} is ${what}, which is not plain JSON`, "", at);
}
