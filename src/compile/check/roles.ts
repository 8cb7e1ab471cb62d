// What an expression stands for in a campaign: the point, the inputs or the outputs of a job or stage. By syntax, then by where it comes from.
import ts from "typescript";
import { cmcCallee, importsOf } from "../source/module.ts";

export type Role = "point" | "inputs" | "outputs" | "params";

const ROLES: readonly string[] = ["point", "inputs", "outputs", "params"];
/** Functions of cmc whose first argument is a function of the point. */
const OF_POINT = ["hdf5", "json", "file", "dir", "inputFile", "inputFiles"];

/** Role of the object that a property is read from: `base` in `base.name`, or the pattern around a binding. */
export function roleOf(node: ts.Node): Role | undefined {
  if (ts.isBindingElement(node.parent) || ts.isBindingElement(node)) {
    const element = ts.isBindingElement(node) ? node : (node.parent as ts.BindingElement);
    return patternRole(element.parent as ts.BindingPattern);
  }
  if (!ts.isPropertyAccessExpression(node.parent) || node.parent.name !== node) return undefined;
  return expressionRole(node.parent.expression);
}

function expressionRole(base: ts.Expression): Role | undefined {
  if (ts.isPropertyAccessExpression(base)) return known(base.name.text);
  if (!ts.isIdentifier(base)) return undefined;
  const declaration = declarationOf(base);
  if (declaration && ts.isBindingElement(declaration)) return known(nameOf(declaration));
  return declaration && ts.isParameter(declaration) && isPointFunction(declaration.parent) ? "point" : known(base.text);
}

function patternRole(pattern: ts.BindingPattern): Role | undefined {
  const owner = pattern.parent;
  if (ts.isBindingElement(owner)) return known(nameOf(owner));
  if (ts.isParameter(owner)) return isPointFunction(owner.parent) ? "point" : undefined;
  return ts.isVariableDeclaration(owner) && owner.initializer ? expressionRole(owner.initializer) : undefined;
}

/** True for `({ redshift }) => ...` given to hdf5(...), resources, params, version or where(...). */
function isPointFunction(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent)) return ["resources", "params", "version"].includes(parent.name.getText());
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  if (ts.isPropertyAccessExpression(parent.expression) && parent.expression.name.text === "where") return true;
  const callee = cmcCallee(parent.expression, importsOf(node.getSourceFile()));
  return callee !== undefined && OF_POINT.includes(callee);
}

function declarationOf(identifier: ts.Identifier): ts.Node | undefined {
  for (let at: ts.Node = identifier; !ts.isSourceFile(at); at = at.parent) {
    if (!ts.isFunctionLike(at)) continue;
    for (const parameter of at.parameters) {
      const found = bindingNamed(parameter, identifier.text);
      if (found) return found;
    }
  }
  return undefined;
}

function bindingNamed(node: ts.ParameterDeclaration | ts.BindingElement, name: string): ts.Node | undefined {
  if (ts.isIdentifier(node.name)) return node.name.text === name ? node : undefined;
  return node.name.elements
    .map((element) => (ts.isBindingElement(element) ? bindingNamed(element, name) : undefined))
    .find((found) => found !== undefined);
}

function nameOf(element: ts.BindingElement): string {
  return (element.propertyName ?? element.name).getText();
}

function known(name: string): Role | undefined {
  return ROLES.includes(name) ? (name as Role) : undefined;
}

/** Names of the properties written around a node, innermost first: `walltime`, `resources`. */
export function propertyPath(node: ts.Node): string[] {
  const path: string[] = [];
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isPropertyAssignment(at)) path.push(ts.isStringLiteralLike(at.name) ? at.name.text : at.name.getText());
    if (ts.isVariableDeclaration(at) || ts.isStatement(at)) break;
  }
  return path;
}
