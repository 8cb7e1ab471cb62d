// Names, values and the comments beside them as text: an object of TypeScript or a map of YAML, in the form their formatters leave alone. Pure.
import type { Note } from "./comments.ts";

export interface Property extends Partial<Note> {
  readonly name: string;
  readonly value: string | number | Code | List | readonly Property[];
}

/** Text that stands as it is: a name, a number as somebody wrote it. */
export interface Code {
  readonly code: string;
}

export interface List {
  readonly items: readonly string[];
}

const WIDTH = 120;

/** `{ a: 1 }`; on lines of its own where a comment asks for it or it is too long. `indent`: of the line it begins on; `used`: columns before it. */
export function objectText(properties: readonly Property[], indent: number, used = indent): string {
  const commented = properties.some(({ above = [], beside }) => above.length > 0 || beside !== undefined);
  const values = properties.map(
    ({ name, value }) => `${name}: ${valueText(value, indent + 2, indent + 4 + name.length)}`,
  );
  const line = `{ ${values.join(", ")} }`;
  if (!commented && !line.includes("\n") && used + line.length + 1 <= WIDTH) return line;
  const pad = " ".repeat(indent + 2);
  const lines = properties.flatMap(({ above = [], beside }, i) => [
    ...above.map((text) => `${pad}${commentText("//", text)}`),
    `${pad}${broken(values[i]!, properties[i]!, indent + 2)},${beside === undefined ? "" : ` ${commentText("//", beside)}`}`,
  ]);
  return ["{", ...lines, `${" ".repeat(indent)}}`].join("\n");
}

/** A text that is too long stands on a line of its own. */
function broken(line: string, { name, value }: Property, indent: number): string {
  if (typeof value !== "string" || indent + line.length + 1 <= WIDTH) return line;
  return `${name}:\n${" ".repeat(indent + 2)}${JSON.stringify(value)}`;
}

function valueText(value: Property["value"], indent: number, used: number): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if ("items" in value) return listText(value.items, indent, used);
  return "code" in value ? value.code : objectText(value, indent, used);
}

/** Numbers fill lines, words have one each. `used`: columns before it. */
export function listText(items: readonly string[], indent: number, used: number): string {
  const line = `[${items.join(", ")}]`;
  if (used + line.length + 1 <= WIDTH) return line;
  const pad = " ".repeat(indent + 2);
  const lines: string[] = [];
  for (const item of items) {
    const longer = `${lines.at(-1) ?? ""} ${item},`;
    const fits = lines.length > 0 && !item.startsWith('"') && longer.length <= WIDTH;
    if (fits) lines[lines.length - 1] = longer;
    else lines.push(`${pad}${item},`);
  }
  return `[\n${lines.join("\n")}\n${" ".repeat(indent)}]`;
}

/** A map, one key a line; maps of short values without comments in one. `quote`: a text as YAML takes it back. */
export function mapText(properties: readonly Property[], indent: number, quote: (text: string) => string): string {
  const pad = " ".repeat(indent);
  return properties
    .flatMap(({ name, value, above = [], beside }) => {
      const comments = above.map((text) => `${pad}${commentText("#", text)}`);
      const after = beside === undefined ? "" : ` ${commentText("#", beside)}`;
      if (!isMap(value))
        return [
          ...comments,
          `${pad}${name}: ${typeof value === "string" ? quote(value) : valueText(value, indent, 0)}${after}`,
        ];
      return [...comments, `${pad}${name}:${after}`, mapText(value, indent + 2, quote)];
    })
    .join("\n");
}

function isMap(value: Property["value"]): value is readonly Property[] {
  return Array.isArray(value);
}

export function commentText(mark: "//" | "#", text: string): string {
  return text === "" ? mark : `${mark} ${text}`;
}
