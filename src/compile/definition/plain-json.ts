// Parts of a definition that are taken over as they are: must be plain JSON. The realm marked what is none.
import { hasPlaceholder } from "../../ir/placeholder.ts";
import type { Fields, Reader } from "./reader.ts";

/** The fields; reports the first value that is a function, an instance, not finite, or holds a character cmc keeps for itself. */
export function plainJson(from: Reader, name: string): Fields {
  const fault = faultIn(from.fields, name);
  if (fault) from.report("compile/not-json", fault, from.at);
  return from.fields;
}

function faultIn(value: unknown, name: string): string | undefined {
  if (typeof value === "string")
    return hasPlaceholder(value) ? `${name} holds the private-use character U+E0C1 or U+E0C2` : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "$")
    return `${name} is ${String((value as { $: unknown }).$)}, which is not plain JSON`;
  for (const key of keys) {
    const fault = faultIn(
      (value as Record<string, unknown>)[key],
      Array.isArray(value) ? `${name}[${key}]` : `${name}.${key}`,
    );
    if (fault) return fault;
  }
  return undefined;
}
