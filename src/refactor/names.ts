// One name at one place: whether a node is that name as a property, key or literal, and the change that gives it another. By syntax alone.
import ts from "typescript";
import { type Change, placeOf } from "./source.ts";

/** A literal with another text, in its own quotes. */
export function named(node: ts.StringLiteralLike, to: string): string {
  const quote = node.getText()[0]!;
  const escaped = JSON.stringify(to).slice(1, -1).replaceAll('\\"', '"');
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote;
}

/** Undefined: the node is not the name, or stands for something of its own (a variable). */
export function renamed(node: ts.Node, from: string, to: string): Change | undefined {
  if (ts.isStringLiteralLike(node)) return node.text === from ? { ...placeOf(node), text: named(node, to) } : undefined;
  if (!ts.isIdentifier(node) || node.text !== from) return undefined;
  const { parent } = node;
  const key = isIdentifier(to) ? to : JSON.stringify(to);
  // What is bound keeps its name, so that the code that reads it stays.
  if (ts.isShorthandPropertyAssignment(parent)) return before(node, key);
  if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent) && !parent.dotDotDotToken) {
    if (parent.propertyName) return parent.propertyName === node ? boundAs(parent, key) : undefined;
    return before(node, key);
  }
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return isIdentifier(to) ? { ...placeOf(node), text: to } : undefined;
  const isKey = (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodDeclaration(parent)) && parent.name === node; // prettier-ignore
  return isKey ? { ...placeOf(node), text: key } : undefined;
}

/** `{ z: redshift }` becomes `{ redshift }`. */
function boundAs(element: ts.BindingElement, key: string): Change {
  const place = placeOf(element.propertyName!);
  const same = ts.isIdentifier(element.name) && element.name.text === key;
  return { ...place, end: same ? element.name.end : place.end, text: key };
}

function before(node: ts.Identifier, key: string): Change {
  const { file, start } = placeOf(node);
  return { file, start, end: start, text: `${key}: ` };
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}
