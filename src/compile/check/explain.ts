// Type checker's findings -> diagnostics of ours: the first rule that recognises one gives it a code, a message people can read, and a remedy.
import ts from "typescript";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { spanOf } from "../source/span.ts";
import { RULES } from "./rules.ts";

/** A finding with what the rules ask of it. */
export interface Finding {
  readonly code: number;
  readonly source: ts.SourceFile;
  /** Smallest node that covers the place. */
  readonly node: ts.Node;
  /** Messages from the outermost to the innermost. */
  readonly chain: readonly string[];
  readonly checker: ts.TypeChecker;
}

/** What a rule makes of it; `node` where a better place is known. */
export interface Explained {
  readonly code: Diagnostic["code"];
  readonly message: string;
  readonly remedy?: string;
  readonly node?: ts.Node;
  /** Tells nothing when another finding stands nearby. */
  readonly secondary?: true;
}

export function explain(found: readonly ts.Diagnostic[], program: ts.Program, cwd: string): Diagnostic[] {
  const checker = program.getTypeChecker();
  const told = new Set<string>();
  const secondary = new Set<Diagnostic>();
  const all = found.flatMap((diagnostic): Diagnostic[] => {
    const source = diagnostic.file;
    if (!source || diagnostic.start === undefined)
      return [
        {
          code: "compile/type",
          severity: "error",
          message: ts.flattenDiagnosticMessageText(diagnostic.messageText, "; "),
        },
      ];
    const end = diagnostic.start + (diagnostic.length ?? 1);
    const node = nodeAt(source, diagnostic.start, end);
    const finding: Finding = { code: diagnostic.code, source, node, chain: chainOf(diagnostic.messageText), checker };
    const explained = RULES.map((rule) => rule(finding)).find((result) => result !== undefined) ?? plain(finding);
    const place = explained.node
      ? ([explained.node.getStart(source), explained.node.end] as const)
      : ([diagnostic.start, end] as const);
    const { code, message, remedy } = explained;
    // One slip often gives several findings at one place (an overload each, both ends of an assignment).
    const identity = `${code} ${source.fileName} ${place[0]} ${message}`;
    if (told.has(identity)) return [];
    told.add(identity);
    const span = spanOf(source.fileName, source.text, place[0], place[1], cwd);
    const result: Diagnostic = { code, severity: "error", message, span, ...(remedy === undefined ? {} : { remedy }) };
    if (explained.secondary) secondary.add(result);
    return [result];
  });
  const near = (a: Diagnostic, b: Diagnostic) =>
    a.span?.file === b.span?.file && Math.abs((a.span?.line ?? 0) - (b.span?.line ?? 0)) < 4;
  return all.filter((one) => !secondary.has(one) || !all.some((other) => !secondary.has(other) && near(one, other)));
}

function plain({ code, chain, node }: Finding): Explained {
  const [first, last] = [chain[0]!, chain.at(-1)!];
  const syntax = code >= 1000 && code < 2000;
  const message = first === last || chain.length === 1 ? shorten(first) : `${shorten(first)}: ${shorten(last)}`;
  const name =
    ts.isPropertyAssignment(node.parent) && node.parent.name === node && !syntax ? `${node.getText()}: ` : "";
  return { code: syntax ? "compile/syntax" : "compile/type", message: name + message.replace(/\.$/, "") };
}

/** A type longer than a line tells nobody anything. */
function shorten(message: string): string {
  return message.replace(/\.$/, "").replace(/'([^']{80})[^']*'/g, (_, head: string) => `'${head.trimEnd()} ...'`);
}

function chainOf(text: string | ts.DiagnosticMessageChain): string[] {
  if (typeof text === "string") return [text];
  const chain = [text.messageText];
  for (let next = text.next?.[0]; next; next = next.next?.[0]) chain.push(next.messageText);
  return chain;
}

function nodeAt(source: ts.SourceFile, start: number, end: number): ts.Node {
  let found: ts.Node = source;
  const visit = (node: ts.Node): void => {
    if (node.getStart(source) > start || node.end < end) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}
