// One YAML profile: parsed and checked against the schema; every fault becomes a `site/invalid` diagnostic with line and column.
import type { Document, LineCounter, Node, Pair } from "yaml";
import { type Diagnostic, DiagnosticError, type Span } from "../diagnostics/diagnostic.ts";
import type { SiteDocument } from "./site.ts";

/** @param file the name people know the profile by */
export async function parseProfile(file: string, text: string): Promise<SiteDocument> {
  const [{ LineCounter, parseDocument }, { default: validate }] = await Promise.all([
    import("yaml"),
    import("./site.schema.json.validate"),
  ]);
  const source = { file, text, counter: new LineCounter() };
  const document = parseDocument(text, { lineCounter: source.counter });
  const faults: Diagnostic[] = document.errors.map((error) =>
    // yaml repeats position and source text after the first line.
    invalid(source, error.message.split(" at line")[0]!, error.pos),
  );
  if (faults.length > 0) throw new DiagnosticError(faults);
  const value = (document.toJS() ?? {}) as SiteDocument;
  if (validate(value)) return value;
  throw new DiagnosticError((validate.errors ?? []).map((error) => schemaFault(source, document, error)));
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly counter: LineCounter;
}

interface Fault {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

function schemaFault(
  source: Source,
  document: Document,
  { instancePath, keyword, params, message }: Fault,
): Diagnostic {
  const path = instancePath.split("/").slice(1);
  const where = path.length > 0 ? `'${path.join(".")}'` : "the profile";
  if (keyword === "additionalProperties") {
    const field = String(params["additionalProperty"]);
    const known = `${where} has an unknown field '${field}'`;
    return invalid(source, known, keyRange(document, path, field));
  }
  return invalid(source, `${where} ${wording(keyword, params, message)}`, valueRange(document, path));
}

function wording(keyword: string, params: Readonly<Record<string, unknown>>, message = keyword): string {
  const pattern = String(params["pattern"]);
  if (keyword === "pattern" && pattern.includes("[smhd]")) return 'is not a duration such as "90s", "10m", "1.5h"';
  if (keyword === "pattern" && pattern.includes("GiB")) return 'is not a size such as "10 kB", "128 GB", "4 GiB"';
  return message;
}

function valueRange(document: Document, path: readonly string[]): readonly [number, number] {
  const node = (path.length > 0 ? document.getIn(path, true) : document.contents) as Node | undefined;
  return node?.range ? [node.range[0], node.range[1]] : [0, 1];
}

function keyRange(document: Document, path: readonly string[], field: string): readonly [number, number] {
  const parent = (path.length > 0 ? document.getIn(path, true) : document.contents) as { items?: Pair[] } | undefined;
  const key = parent?.items?.find((pair) => String(pair.key) === field)?.key as Node | undefined;
  return key?.range ? [key.range[0], key.range[1]] : valueRange(document, path);
}

function invalid(source: Source, message: string, range: readonly [number, number]): Diagnostic {
  return { code: "site/invalid", severity: "error", message, span: spanOf(source, range) };
}

function spanOf({ file, text, counter }: Source, [from, to]: readonly [number, number]): Span {
  const { line, col } = counter.linePos(from);
  const all = text.split("\n");
  const rest = (all[line - 1] ?? "").length - (col - 1);
  const lines = [line - 1, line, line + 1]
    .filter((number) => number >= 1 && number <= all.length)
    .map((number) => ({ number, text: all[number - 1]! }));
  return { file, line, column: col, length: Math.max(1, Math.min(to - from, rest)), lines };
}
