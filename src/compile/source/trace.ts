// task(...) calls of a module, traced to the function they name: an import, a top-level function, or a function written in place.
import ts from "typescript";
import { boundNames, cmcCallee, declaredNames, importsOf, usedNames } from "./module.ts";

export interface TracedTask {
  /** Module with the call. */
  readonly file: string;
  /** Range of the first argument in that module's text. */
  readonly start: number;
  readonly end: number;
  /** An imported function, or code of the module itself. */
  readonly code:
    | { readonly kind: "import"; readonly specifier: string; readonly name: string }
    | { readonly kind: "local"; readonly expression: string };
  /** Last part of the name for people: `populate`. */
  readonly label: string;
}

export interface Untraceable {
  readonly code: "compile/task-reference" | "compile/import";
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

export function traceTasks(source: ts.SourceFile): {
  readonly tasks: TracedTask[];
  readonly untraceable: Untraceable[];
} {
  const imports = importsOf(source);
  const tasks: TracedTask[] = [];
  const untraceable: Untraceable[] = [];
  const topLevel = new Map(
    source.statements.flatMap((statement) => declaredNames(statement).map((name) => [name, statement] as const)),
  );
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.arguments[0] && cmcCallee(node.expression, imports) === "task") {
      const argument = unwrap(node.arguments[0]);
      const place = { file: source.fileName, start: argument.getStart(source), end: argument.end };
      const code = codeOf(argument);
      if (typeof code === "string") untraceable.push({ ...place, code: "compile/task-reference", message: code });
      else tasks.push({ ...place, ...code });
    }
    if (isImportCall(node) && !inFunction(node))
      untraceable.push({
        file: source.fileName,
        start: node.getStart(source),
        end: node.end,
        code: "compile/import",
        message: "import(...) cannot be waited for while a campaign is compiled",
      });
    ts.forEachChild(node, visit);
  };

  const codeOf = (argument: ts.Expression): Pick<TracedTask, "code" | "label"> | string => {
    if (ts.isArrowFunction(argument) || ts.isFunctionExpression(argument)) {
      const captured = capturedNames(argument);
      if (captured.length > 0)
        return `the function uses ${captured.join(", ")}, which exist${captured.length === 1 ? "s" : ""} only while the campaign is compiled`;
      return { code: { kind: "local", expression: argument.getText(source) }, label: labelOf(argument) };
    }
    if (ts.isIdentifier(argument)) {
      const from = imports.get(argument.text);
      if (localNames(argument).has(argument.text)) return `${argument.text} is not known until the campaign runs`;
      if (from && from.name !== "*")
        return {
          code: { kind: "import", specifier: from.specifier, name: from.name },
          label: from.name === "default" ? argument.text : from.name,
        };
      if (topLevel.has(argument.text))
        return { code: { kind: "local", expression: argument.text }, label: argument.text };
      return `${argument.text} is not a function of this module or an import`;
    }
    if (ts.isPropertyAccessExpression(argument) && ts.isIdentifier(argument.expression)) {
      const from = imports.get(argument.expression.text);
      if (from?.name === "*")
        return {
          code: { kind: "import", specifier: from.specifier, name: argument.name.text },
          label: argument.name.text,
        };
    }
    return `${shorten(argument.getText(source))} is computed, so its code cannot be found`;
  };
  visit(source);
  return { tasks, untraceable };
}

function isImportCall(node: ts.Node): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

function inFunction(node: ts.Node): boolean {
  for (let at = node.parent as ts.Node | undefined; at; at = at.parent as ts.Node | undefined)
    if (ts.isFunctionLike(at)) return true;
  return false;
}

/** Names used by an inline function that belong to a function or block around it. */
function capturedNames(expression: ts.Expression): string[] {
  const around = localNames(expression);
  if (around.size === 0) return [];
  const own = new Set<string>();
  const collect = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) || ts.isParameter(node)) boundNames(node.name).forEach((name) => own.add(name));
    if (ts.isFunctionDeclaration(node) && node.name) own.add(node.name.text);
    ts.forEachChild(node, collect);
  };
  collect(expression);
  return [...usedNames(expression)].filter((name) => around.has(name) && !own.has(name));
}

/** Names declared in functions, loops and blocks around a node, up to the module's top level. */
function localNames(node: ts.Node): Set<string> {
  const names = new Set<string>();
  for (let at = node.parent as ts.Node | undefined; at && !ts.isSourceFile(at); at = at.parent as ts.Node | undefined) {
    if (ts.isFunctionLike(at))
      for (const parameter of at.parameters) boundNames(parameter.name).forEach((name) => names.add(name));
    if (ts.isBlock(at))
      for (const statement of at.statements) declaredNames(statement).forEach((name) => names.add(name));
    if (
      (ts.isForStatement(at) || ts.isForOfStatement(at) || ts.isForInStatement(at)) &&
      at.initializer &&
      ts.isVariableDeclarationList(at.initializer)
    )
      for (const declaration of at.initializer.declarations)
        boundNames(declaration.name).forEach((name) => names.add(name));
  }
  return names;
}

/** An inline function is called after the constant or the stage it is written in. */
function labelOf(node: ts.Node): string {
  let label = "task";
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isVariableDeclaration(at) && ts.isIdentifier(at.name)) label = at.name.text;
    const first = ts.isCallExpression(at) ? at.arguments[0] : undefined;
    if (label === "task" && first && ts.isObjectLiteralExpression(first)) {
      const name = first.properties.find(
        (p): p is ts.PropertyAssignment =>
          ts.isPropertyAssignment(p) && ts.isIdentifier(p.name) && p.name.text === "name",
      );
      if (name && ts.isStringLiteralLike(name.initializer)) label = name.initializer.text;
    }
  }
  return label;
}

function unwrap(expression: ts.Expression): ts.Expression {
  let at = expression;
  while (
    ts.isParenthesizedExpression(at) ||
    ts.isAsExpression(at) ||
    ts.isSatisfiesExpression(at) ||
    ts.isNonNullExpression(at)
  )
    at = at.expression;
  return at;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
