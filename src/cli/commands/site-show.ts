// cmc site show: a site profile with everything it extends, and which line of which file says each field. Asks no scheduler (doctor).
import { EXIT } from "../../diagnostics/exit.ts";
import { explainSite, type SiteField } from "../../site/load.ts";
import { pathText } from "../../site/profile.ts";
import type { Context } from "../context.ts";
import { printJson } from "../json-output.ts";

export async function siteShow(
  context: Context,
  name: string | undefined,
  options: { json?: boolean },
): Promise<number> {
  const { site, fields } = await explainSite(name ?? "local", context.cwd);
  if (options.json) {
    printJson(context, [...fields.map((field) => ({ type: "field", ...jsonField(field) })), { type: "site", ...site }]);
    return EXIT.ok;
  }
  const { bold, dim } = context.palette;
  const rows = fields.map((field) => [pathText(field.path), valueText(field.value), origin(field)] as const);
  const width = (column: 0 | 1) =>
    Math.min(
      50,
      rows.reduce((most, row) => Math.max(most, row[column].length), 0),
    );
  const [names, values] = [width(0), width(1)];
  const lines = rows.map(([path, value, from]) => `${path.padEnd(names)}  ${value.padEnd(values)}  ${dim(from)}`);
  context.out([bold(site.name), ...lines, ""].join("\n"));
  return EXIT.ok;
}

function jsonField({ path, value, said }: SiteField): object {
  return { path: pathText(path), value, ...(said ? { file: said.file, line: said.line } : {}) };
}

/** As YAML takes it back. */
function valueText(value: unknown): string {
  return typeof value === "string" && /^[A-Za-z0-9_./$][^:#'"]*$/.test(value) ? value : JSON.stringify(value);
}

function origin({ said }: SiteField): string {
  return said ? `${said.file}:${said.line}` : "default";
}
