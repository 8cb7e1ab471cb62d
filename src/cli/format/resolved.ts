// Resolved resources as text: one line a field, with who says it. Pure strings.
import type { Palette } from "../../diagnostics/palette.ts";
import type { ResolvedField } from "../../site/origins.ts";
import { bytes, duration } from "./quantity.ts";

/** Ends with a newline. */
export function formatResolved(site: string, fields: readonly ResolvedField[], palette: Palette): string {
  const rows = fields.map((field) => [nameOf(field), valueText(field), originText(field)] as const);
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length));
  const [names, values] = [width(0), width(1)];
  const lines = rows.map(
    ([name, value, from]) => `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${palette.dim(from)}`,
  );
  const nothing = lines.length === 0 ? ["  nobody says anything: the machine's defaults hold"] : [];
  return `${[palette.bold(`on ${site}`), ...lines, ...nothing].join("\n")}\n`;
}

function nameOf({ section, field }: ResolvedField): string {
  return section === "queue" ? `queue.${field}` : field;
}

function valueText({ section, field, value }: ResolvedField): string {
  if (section === "stagger" || (section === "resources" && field === "walltime")) return duration(value as number);
  if (section === "resources" && field === "memory") return bytes(value as number);
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

function originText({ origin, file, line }: ResolvedField): string {
  return file === undefined ? origin : `${origin}, ${file}:${line}`;
}
