// Where a name is given: the literal of a stage, of an axis, of a value, the key of an output. What cannot be edited there is refused with its place.
import ts from "typescript";
import { fail } from "../diagnostics/diagnostic.ts";
import type { Scalar } from "../ir/json.ts";
import { entryOf, type Rename } from "./address.ts";
import { entryText } from "./entry.ts";
import { named, renamed } from "./names.ts";
import { type Change, literalOf, nodesIn, placeOf, type Source, unwrap } from "./source.ts";

export function rootChanges(source: Source, rename: Rename): readonly Change[] {
  if (rename.kind === "stage") return [literalChange(source, rename, stageNameOf(source, rename, rename.from))];
  if (rename.kind === "output") return [outputChange(source, rename)];
  const axis = rename.kind === "axis" ? rename.from : rename.axis;
  const calls = rename.stage === undefined ? everyAxis(source, rename, axis) : axisOfStage(source, rename, rename.stage, axis); // prettier-ignore
  return calls.flatMap((call) => (rename.kind === "axis" ? [literalChange(source, rename, call.arguments[0]!)] : valueChange(source, rename, call))); // prettier-ignore
}

/** The `name` of a stage's definition. */
function stageNameOf(source: Source, rename: Rename, name: string): ts.Expression {
  const names = source.calls(/^defineStage$/).flatMap((call) => {
    const identity = call.arguments[0] && source.valueOf(call.arguments[0]);
    const property = identity && member(identity, "name");
    const value = property && (ts.isPropertyAssignment(property) ? property.initializer : property.name);
    return value && ts.isExpression(value) ? [value] : [call.arguments[0] ?? call];
  });
  const found = names.find((value) => literalOf(source, value) === name);
  const computed = names.find((value) => literalOf(source, value) === undefined);
  return found ?? byHand(source, rename, `the name of stage ${name} is computed`, computed);
}

function stageCall(source: Source, rename: Rename, name: string): ts.CallExpression {
  let node: ts.Node = stageNameOf(source, rename, name);
  const calls = source.calls(/^defineStage$/);
  const direct = calls.find((call) => contains(call, node));
  if (direct) return direct;
  // The identity is a constant of its own.
  while (!ts.isVariableDeclaration(node)) node = node.parent;
  return calls.find((call) => source.declarationOf(call.arguments[0]!) === node)!;
}

function outputChange(source: Source, rename: Rename & { readonly kind: "output" }): Change {
  const call = stageCall(source, rename, rename.stage);
  const data = call.arguments[1] && source.valueOf(call.arguments[1]);
  const outputs = data && member(data, "outputs");
  const value = outputs && (ts.isPropertyAssignment(outputs) ? source.valueOf(outputs.initializer) : source.valueOf(outputs.name as ts.Identifier)); // prettier-ignore
  const key = value && member(value, rename.from);
  const change = key?.name && renamed(key.name, rename.from, rename.to);
  return change ?? byHand(source, rename, `output ${rename.from} of stage ${rename.stage} is not written as a key of its outputs`, value ?? data ?? call); // prettier-ignore
}

const AXIS = /^axis\.(range|list|linspace|logspace)$/;

function everyAxis(source: Source, rename: Rename, axis: string): readonly ts.CallExpression[] {
  refuseListing(source, rename, axis, source.modules);
  const calls = source.calls(AXIS);
  const found = calls.filter((call) => literalOf(source, call.arguments[0]!) === axis);
  const computed = calls.find((call) => literalOf(source, call.arguments[0]!) === undefined);
  return found.length > 0 ? found : byHand(source, rename, `the name of axis ${axis} is computed`, computed?.arguments[0]); // prettier-ignore
}

/** An axis that is declared for one stage alone. */
function axisOfStage(source: Source, rename: Rename, stage: string, axis: string): readonly ts.CallExpression[] {
  const own = stageCall(source, rename, stage);
  const taken = axisCalls(source, matrixOf(source, own));
  refuseListing(source, rename, axis, taken);
  const found = taken.filter((call) => AXIS.test(source.calleeOf(call) ?? "") && literalOf(source, call.arguments[0]!) === axis); // prettier-ignore
  if (found.length === 0) byHand(source, rename, `axis ${axis} of stage ${stage} is not written as axis.range, list, linspace or logspace in its matrix`, own.arguments[0]); // prettier-ignore
  const others = source.calls(/^defineStage$/).filter((call) => call !== own);
  const sharing = others.find((call) => axisCalls(source, matrixOf(source, call)).some((one) => found.includes(one)));
  if (sharing) byHand(source, rename, `axis ${axis} is shared with other stages: [${axis}] means it in all of them`, sharing.arguments[0]); // prettier-ignore
  return found;
}

function matrixOf(source: Source, call: ts.CallExpression): ts.Expression | undefined {
  const identity = call.arguments[0] && source.valueOf(call.arguments[0]);
  const matrix = identity && member(identity, "matrix");
  if (!matrix) return undefined;
  return ts.isPropertyAssignment(matrix) ? matrix.initializer : (matrix.name as ts.Identifier);
}

/** Calls that a matrix is made of, through constants, products, zips and filters. */
function axisCalls(source: Source, node: ts.Expression | undefined): ts.CallExpression[] {
  const value = node && source.valueOf(node);
  if (!value) return [];
  if (ts.isArrayLiteralExpression(value)) return value.elements.flatMap((element) => axisCalls(source, ts.isSpreadElement(element) ? element.expression : element)); // prettier-ignore
  if (ts.isConditionalExpression(value)) return [value.whenTrue, value.whenFalse].flatMap((one) => axisCalls(source, one)); // prettier-ignore
  if (!ts.isCallExpression(value)) return [];
  if (["product", "zip"].includes(source.calleeOf(value) ?? "")) return value.arguments.flatMap((one) => axisCalls(source, one)); // prettier-ignore
  const method = ts.isPropertyAccessExpression(value.expression) ? value.expression : undefined;
  return method?.name.text === "where" ? axisCalls(source, method.expression) : [value];
}

function refuseListing(source: Source, rename: Rename, axis: string, among: readonly ts.Node[]): void {
  const isListing = (node: ts.Node): node is ts.CallExpression =>
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "axis" &&
    node.arguments[0] !== undefined &&
    literalOf(source, node.arguments[0]) === axis;
  const found = among.flatMap((node) => nodesIn(node, isListing))[0];
  if (found) byHand(source, rename, `axis ${axis} is a field of a listing's pattern`, found.arguments[0]);
}

function valueChange(source: Source, rename: Rename & { readonly kind: "value" }, call: ts.CallExpression): Change[] {
  const list = call.arguments[1] && source.valueOf(call.arguments[1]);
  if (source.calleeOf(call) !== "axis.list" || !list || !ts.isArrayLiteralExpression(list))
    return byHand(source, rename, `the values of axis ${rename.axis} are not written as a list`, call.arguments[1]);
  const element = list.elements.find((one) => scalarOf(one) === rename.from);
  if (element) return [literal(element, rename.to)];
  const other = list.elements.find((one) => scalarOf(one) === undefined);
  if (other) byHand(source, rename, `the value ${String(rename.from)} of axis ${rename.axis} is computed`, other);
  return [];
}

function scalarOf(node: ts.Expression): Scalar | undefined {
  const bare = unwrap(node);
  if (ts.isStringLiteralLike(bare)) return bare.text;
  const negative = ts.isPrefixUnaryExpression(bare) && bare.operator === ts.SyntaxKind.MinusToken;
  const digits = negative ? bare.operand : bare;
  return ts.isNumericLiteral(digits) ? Number(digits.text) * (negative ? -1 : 1) : undefined;
}

/** The literal itself, or the constant that holds it, if nothing else uses it. */
function literalChange(source: Source, rename: Rename, node: ts.Expression): Change {
  const bare = unwrap(node);
  if (ts.isStringLiteralLike(bare)) return literal(bare, rename.to);
  const value = source.valueOf(bare);
  const declaration = ts.isIdentifier(bare) ? source.declarationOf(bare) : undefined;
  if (!declaration || !ts.isStringLiteralLike(value) || !contains(declaration, value))
    return byHand(source, rename, `the name ${String(rename.from)} is computed`, node);
  const other = source.uses(declaration).find((use) => use !== bare);
  if (other) byHand(source, rename, `${bare.getText()} names more than this`, other);
  return literal(value, rename.to);
}

function literal(node: ts.Expression, to: Scalar): Change {
  const bare = unwrap(node);
  if (ts.isStringLiteralLike(bare)) return { ...placeOf(bare), text: named(bare, String(to)) };
  return { ...placeOf(bare), text: String(to) };
}

export function member(node: ts.Expression, name: string): ts.ObjectLiteralElementLike | undefined {
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  return node.properties.find((property) => property.name && (ts.isIdentifier(property.name) || ts.isStringLiteralLike(property.name)) && property.name.text === name); // prettier-ignore
}

function contains(outer: ts.Node, inner: ts.Node): boolean {
  return outer.getSourceFile() === inner.getSourceFile() && outer.pos <= inner.pos && inner.end <= outer.end;
}

function byHand(source: Source, rename: Rename, message: string, node: ts.Node | undefined): never {
  return fail({
    code: "mv/by-hand",
    message,
    ...(node ? { span: source.spanAt(node) } : {}),
    remedy: `Edit it by hand, and add: ${entryText(entryOf(rename))}`,
  });
}
