// File name patterns with named fields, `{box}/stats_zs{zs:number}.h5`: matching only, no globbing.
import { refuse } from "./refuse.ts";

export interface Pattern {
  readonly expression: RegExp;
  readonly fields: readonly { readonly name: string; readonly type: "text" | "int" | "number" }[];
}

const FIELD = /\{([A-Za-z_][A-Za-z0-9_]*)(?::(int|number))?\}/g;
const EXPRESSION = { text: "([^/]+?)", int: "(-?\\d+)", number: "(-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)" } as const;

export function parsePattern(text: string): Pattern {
  const fields: Pattern["fields"][number][] = [];
  let expression = "";
  let last = 0;
  for (const match of text.matchAll(FIELD)) {
    const type = (match[2] ?? "text") as "text" | "int" | "number";
    if (fields.some((field) => field.name === match[1]))
      refuse("compile/bad-pattern", `pattern ${text} has the field ${match[1]} twice`, "Name each field once.");
    fields.push({ name: match[1]!, type });
    expression += literal(text.slice(last, match.index)) + EXPRESSION[type];
    last = match.index + match[0].length;
  }
  if (/[{}]/.test(text.replace(FIELD, "")))
    refuse(
      "compile/bad-pattern",
      `pattern ${text} has a brace that is no field`,
      "A field is {name}, {name:int} or {name:number}.",
    );
  return { expression: new RegExp(`^${expression}${literal(text.slice(last))}$`), fields };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Field values; undefined when the path does not match. */
export function matchPattern(pattern: Pattern, path: string): Record<string, string | number> | undefined {
  const match = pattern.expression.exec(path);
  if (!match) return undefined;
  return Object.fromEntries(
    pattern.fields.map((field, i) => [field.name, field.type === "text" ? match[i + 1]! : Number(match[i + 1])]),
  );
}
