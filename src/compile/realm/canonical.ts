// Canonical JSON inside the realm: as ir/canonical.ts writes it, and a refusal that names the place of what is not JSON.
import { refuse } from "../../author/refuse.ts";

/** Names on the way down to the value being written; a text per value would be most of the work. */
const trail: (string | number)[] = [];

/** `name` is how the value is called in messages ("params"), `at` where it stands in the definition. */
export function canonical(value: unknown, name: string, at: readonly string[]): string {
  trail.length = 0;
  trail.push(name);
  return write(value, at);
}

function write(value: unknown, at: readonly string[]): string {
  if (typeof value === "string") return JSON.stringify(value);
  // As JSON.stringify writes it, -0 included.
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : notJson(String(value), at);
  if (value === null || typeof value === "boolean") return String(value);
  if (trail.length > 100) return notJson("nested more than 100 deep (a circle?)", at);
  if (Array.isArray(value)) return `[${Array.from(value, (_, i) => member(value, i, at)).join(",")}]`;
  if (typeof value !== "object") return notJson(value === undefined ? "undefined" : `a ${typeof value}`, at);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && prototype !== Object.prototype)
    return notJson(`an instance of ${className(prototype)}`, at);
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) parts.push(`${JSON.stringify(key)}:${member(value, key, at)}`);
  return `{${parts.join(",")}}`;
}

function member(owner: object, key: string | number, at: readonly string[]): string {
  trail.push(key);
  const text = write((owner as Record<string | number, unknown>)[key], at);
  trail.pop();
  return text;
}

function className(prototype: object): string {
  const { constructor } = prototype as { constructor?: { name?: string } };
  return constructor?.name || "a class";
}

function notJson(what: string, at: readonly string[]): never {
  const name = trail.map((part, i) => (i === 0 ? part : typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return refuse("compile/not-json", `${name.slice(0, 200)} is ${what}, which is not plain JSON`, "", at);
}
