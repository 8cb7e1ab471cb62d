// One YAML profile: parsed and checked against the schema; every fault becomes a `site/invalid` diagnostic with line and column.
import type { Document, LineCounter, Node, Pair } from "yaml";
import { type Diagnostic, DiagnosticError, type Span } from "../diagnostics/diagnostic.ts";
import type { SiteDocument } from "./document.ts";

/** Names of fields and numbers of list items, from the top. */
export type Path = readonly (string | number)[];

export interface Profile {
  /** The name people know it by. */
  readonly file: string;
  readonly document: SiteDocument;
  /** Where this profile says it; undefined: it does not. */
  span(path: Path): Span | undefined;
}

export async function parseProfile(file: string, text: string): Promise<Profile> {
  const [{ LineCounter, parseDocument }, { default: validate }] = await Promise.all([
    import("yaml"),
    import("./site.schema.json.validate"),
  ]);
  const source = { file, text, counter: new LineCounter() };
  const parsed = parseDocument(text, { lineCounter: source.counter });
  const faults: Diagnostic[] = parsed.errors.map((error) =>
    // yaml repeats position and source text after the first line.
    invalid(error.message.split(" at line")[0]!, spanOf(source, error.pos)),
  );
  if (faults.length > 0) throw new DiagnosticError(faults);
  const document = (parsed.toJS() ?? {}) as SiteDocument;
  if (!validate(document))
    throw new DiagnosticError((validate.errors ?? []).map((error) => schemaFault(source, parsed, error)));
  const span = (path: Path) => (parsed.hasIn(path) ? spanOf(source, valueRange(parsed, path)) : undefined);
  return { file, document, span };
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
  const path = instancePath.split("/").slice(1).map((name) => (/^\d+$/.test(name) ? Number(name) : name)); // prettier-ignore
  const where = path.length > 0 ? `'${pathText(path)}'` : "the profile";
  if (keyword === "additionalProperties") {
    const field = String(params["additionalProperty"]);
    return invalid(`${where} has an unknown field '${field}'`, spanOf(source, keyRange(document, path, field)));
  }
  return invalid(`${where} ${wording(keyword, params, message)}`, spanOf(source, valueRange(document, path)));
}

function wording(keyword: string, params: Readonly<Record<string, unknown>>, message = keyword): string {
  const pattern = String(params["pattern"]);
  if (keyword === "enum") return `is not one of ${(params["allowedValues"] as string[]).join(", ")}`;
  if (keyword !== "pattern") return message;
  if (pattern.includes("[smhd]")) return 'is not a duration such as "90s", "10m", "1.5h"';
  if (pattern.includes("GiB")) return 'is not a size such as "10 kB", "128 GB", "4 GiB"';
  if (pattern.startsWith("^--")) return "is not an option of sbatch in one word: --exclusive, --gpu-bind=none";
  if (pattern.startsWith("^[/$]")) return "is not a folder of a compute node such as /tmp, $TMPDIR, ${TMPDIR:-/tmp}";
  if (pattern.startsWith("^[A-Z_]")) return "is not the name of an environment variable";
  if (pattern.startsWith("^[A-Za-z0-9_-]")) return "is not a name of letters, digits, _ and -";
  if (pattern.startsWith("^[^\\s")) return "is not one word without quotes";
  return message;
}

/** `lanes.0.cap` */
export function pathText(path: Path): string {
  return path.join(".");
}

export function invalid(message: string, span: Span | undefined): Diagnostic {
  return { code: "site/invalid", severity: "error", message, ...(span ? { span } : {}) };
}

function valueRange(document: Document, path: Path): readonly [number, number] {
  const node = (path.length > 0 ? document.getIn(path, true) : document.contents) as Node | undefined;
  return node?.range ? [node.range[0], node.range[1]] : [0, 1];
}

function keyRange(document: Document, path: Path, field: string): readonly [number, number] {
  const parent = (path.length > 0 ? document.getIn(path, true) : document.contents) as { items?: Pair[] } | undefined;
  const key = parent?.items?.find((pair) => String(pair.key) === field)?.key as Node | undefined;
  return key?.range ? [key.range[0], key.range[1]] : valueRange(document, path);
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
