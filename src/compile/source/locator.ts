// From a recorded call stack to the place in the user's source that a message should point at, narrowed to the property at fault.
import ts from "typescript";
import type { Span } from "../../diagnostics/diagnostic.ts";
import { installation } from "../installation.ts";
import { SCRIPT_NAME } from "../realm/evaluate.ts";
import type { Modules } from "./module.ts";
import { spanOf } from "./span.ts";

export interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Origin = (line: number, column: number) => { readonly file: string; readonly offset: number } | undefined;

export interface Locator {
  /** The user's call nearest to where the stack was taken; then the property path inside its arguments. */
  place(stack: string, at?: readonly string[]): Place | undefined;
  span(place: Place | undefined): Span | undefined;
  /** Both at once. */
  locate(stack: string, at?: readonly string[]): Span | undefined;
}

export function locator(modules: Modules, origin: Origin, cwd: string): Locator {
  const span = (place: Place | undefined) => {
    const text = place && modules.get(place.file)?.text;
    return text === undefined ? undefined : spanOf(place!.file, text, place!.start, place!.end, cwd);
  };
  const place = (stack: string, at: readonly string[] = []): Place | undefined => {
    for (const frame of stack.matchAll(FRAME)) {
      const found = origin(Number(frame[1]), Number(frame[2]));
      if (!found || installation().owns(found.file) || found.file.includes("/node_modules/")) continue;
      const source = modules.get(found.file);
      if (source) return narrowed(source, found.offset, at);
    }
    return undefined;
  };
  return { place, span, locate: (stack, at) => span(place(stack, at)) };
}

const FRAME = new RegExp(`${SCRIPT_NAME.replaceAll(".", "\\.")}:(\\d+):(\\d+)`, "g");

function narrowed(source: ts.SourceFile, offset: number, at: readonly string[]): Place {
  const call = callAt(source, offset);
  if (!call) return wordAt(source, offset);
  let node: ts.Node = call.expression;
  let inside: readonly ts.Node[] = call.arguments;
  for (const name of at) {
    const next = inside.map((candidate) => member(source, candidate, name)).find((found) => found !== undefined);
    if (!next) break;
    node = next;
    inside = ts.isPropertyAssignment(next) ? argumentsOf(next.initializer) : [];
  }
  const named =
    ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) || ts.isMethodDeclaration(node)
      ? node.name
      : node;
  return { file: source.fileName, start: named.getStart(source), end: named.end };
}

/** A property's value as something that holds further properties: an object, the arguments of a call, or a constant's value. */
function argumentsOf(value: ts.Expression): readonly ts.Node[] {
  if (ts.isCallExpression(value)) return value.arguments;
  return [value];
}

function member(source: ts.SourceFile, node: ts.Node, name: string): ts.Node | undefined {
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  return node.properties.find(
    (p) => p.name && (ts.isStringLiteralLike(p.name) ? p.name.text : p.name.getText(source)) === name,
  );
}

/** The innermost call whose callee covers the offset: V8 names a call by its callee (for `a.b()`, by `b`). */
function callAt(source: ts.SourceFile, offset: number): ts.CallExpression | undefined {
  let found: ts.CallExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (offset < node.pos || offset >= node.end) return;
    if (ts.isCallExpression(node) && node.expression.getStart(source) <= offset && offset < node.expression.end)
      found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function wordAt(source: ts.SourceFile, offset: number): Place {
  const word = /^[A-Za-z0-9_$.]+/.exec(source.text.slice(offset));
  return { file: source.fileName, start: offset, end: offset + (word?.[0].length ?? 1) };
}
