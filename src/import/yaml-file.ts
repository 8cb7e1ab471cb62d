// One YAML file as it was written: values, where each stands, and the comments beside them. Checks nothing (check.ts).
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Document, Node } from "yaml";
import { shownPath, spanOf } from "../compile/source/span.ts";
import { type Diagnostic, DiagnosticError, fail, type Span } from "../diagnostics/diagnostic.ts";
import { type Comments, commentsOf, type Mark } from "./comments.ts";

/** Names of keys and numbers of list items, from the top. */
export type Path = readonly (string | number)[];

export interface YamlFile {
  /** Absolute. */
  readonly path: string;
  /** As people know it: without its folder. */
  readonly name: string;
  readonly value: unknown;
  readonly comments: Comments;
  /** Of the value; where there is none, of the nearest key above. */
  span(path: Path): Span;
  keySpan(path: Path): Span;
  /** A scalar as it is written: `2.0`. */
  text(path: Path): string | undefined;
}

/** `from`: who names the file, for the message when it is not there. */
export async function readYaml(path: string, cwd: string, from?: { what: string; span: Span }): Promise<YamlFile> {
  const { isMap, isScalar, isSeq, Lexer, parseDocument } = await import("yaml");
  const source = read(path, cwd, from);
  const at = ([start, end]: readonly [number, number]) => spanOf(path, source, start, end, cwd);
  // As PyYAML, which the productions were read with: YAML 1.1 and `<<`.
  const document = parseDocument(source, { version: "1.1", merge: true, logLevel: "error" });
  const faults: Diagnostic[] = document.errors.map(({ message, pos }) => ({
    code: "import/syntax",
    severity: "error",
    message: message.split(/ at line|;/)[0]!,
    span: at(pos),
  }));
  if (faults.length > 0) throw new DiagnosticError(faults);

  const value = valueOf(document, at([0, 1]));

  const marks: Mark[] = [];
  const walk = (node: unknown, path: Path): void => {
    if (isMap(node))
      for (const { key, value } of node.items) {
        const own = [...path, String(key)];
        marks.push({ path: own, offset: (key as Node).range![0] });
        walk(value, own);
      }
    else if (isSeq(node))
      for (const item of node.items as Node[]) {
        const text = isScalar(item) ? (item.source ?? String(item.value)) : undefined;
        marks.push({ path, offset: item.range![0], ...(text === undefined ? {} : { item: text }) });
      }
  };
  walk(document.contents, []);

  const nodeAt = (path: Path) => document.getIn(path, true) as Node | undefined;
  const keySpan = (path: Path): Span => {
    if (path.length === 0) return at([0, 1]);
    const mark = marks.find((mark) => mark.item === undefined && sameAs(mark.path, path));
    return mark ? at([mark.offset, mark.offset + String(path.at(-1)).length]) : span(path.slice(0, -1));
  };
  // A block is many lines, and nothing is none: the key says more.
  const span = (path: Path): Span => {
    const node = nodeAt(path);
    const [start, end] = node?.range ?? [0, 0];
    return isMap(node) || isSeq(node) || start === end ? keySpan(path) : at([start, end]);
  };
  return {
    path,
    name: basename(path),
    value,
    comments: commentsOf(source, new Lexer().lex(source), marks),
    span,
    keySpan,
    text: (path) => {
      const node = nodeAt(path);
      return isScalar(node) ? node.source : undefined;
    },
  };
}

function valueOf(document: Document, span: Span): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias without its anchor, or more aliases than anybody means.
    return fail({ code: "import/syntax", message: (error as Error).message, span });
  }
}

function read(path: string, cwd: string, from: { what: string; span: Span } | undefined): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    const what = from ? `${from.what} ${shownPath(path, cwd)}` : shownPath(path, cwd);
    return fail({ code: "import/not-found", message: `${what}: ${why}`, ...(from ? { span: from.span } : {}) });
  }
}

export function sameAs(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((name, i) => name === other[i]);
}
