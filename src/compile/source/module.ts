// The user's modules as text and syntax tree: parsed once, shared by tracing, slicing and narrowing of spans. No types here.
import { readFileSync } from "node:fs";
import ts from "typescript";

export class Modules {
  private readonly parsed = new Map<string, ts.SourceFile>();

  /** Trees of a program that is there already are used as they are. */
  constructor(private readonly program?: ts.Program) {}

  /** Undefined when the file cannot be read or is no TypeScript or JavaScript. */
  get(file: string): ts.SourceFile | undefined {
    const known = this.parsed.get(file) ?? this.program?.getSourceFile(file);
    if (known) return known;
    if (!/\.[cm]?[jt]sx?$/.test(file)) return undefined;
    try {
      const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
      this.parsed.set(file, source);
      return source;
    } catch {
      return undefined;
    }
  }
}

/** Names a module imports, and from where. `*` is the namespace. */
export interface ImportedName {
  readonly specifier: string;
  readonly name: string;
}

export function importsOf(source: ts.SourceFile): Map<string, ImportedName> {
  const names = new Map<string, ImportedName>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !statement.importClause || !ts.isStringLiteral(statement.moduleSpecifier))
      continue;
    const specifier = statement.moduleSpecifier.text;
    const { name, namedBindings } = statement.importClause;
    if (name) names.set(name.text, { specifier, name: "default" });
    if (namedBindings && ts.isNamespaceImport(namedBindings))
      names.set(namedBindings.name.text, { specifier, name: "*" });
    if (namedBindings && ts.isNamedImports(namedBindings))
      for (const element of namedBindings.elements)
        names.set(element.name.text, { specifier, name: (element.propertyName ?? element.name).text });
  }
  return names;
}

/** Name under which a callee is exported by "cmc" (`task`, `axis.range`); undefined when it is not from there. */
export function cmcCallee(callee: ts.Expression, imports: ReadonlyMap<string, ImportedName>): string | undefined {
  if (ts.isIdentifier(callee)) {
    const from = imports.get(callee.text);
    return from?.specifier === "cmc" && from.name !== "*" ? from.name : undefined;
  }
  if (!ts.isPropertyAccessExpression(callee) || !ts.isIdentifier(callee.expression)) return undefined;
  const from = imports.get(callee.expression.text);
  if (from?.specifier !== "cmc") return undefined;
  return from.name === "*" ? callee.name.text : `${from.name}.${callee.name.text}`;
}

/** Names a top-level statement declares. */
export function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap((d) => boundNames(d.name));
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  )
    return statement.name ? [statement.name.text] : [];
  return [];
}

export function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

/** Identifiers that may be read when `node` runs: no property names, no types. May say too much (shadowed names), never too little. */
export function usedNames(node: ts.Node, into = new Set<string>()): Set<string> {
  const visit = (at: ts.Node): void => {
    if (ts.isExpressionWithTypeArguments(at)) return visit(at.expression);
    if (ts.isTypeNode(at) || ts.isInterfaceDeclaration(at) || ts.isTypeAliasDeclaration(at)) return;
    if (ts.isIdentifier(at)) into.add(at.text);
    else if (ts.isPropertyAccessExpression(at)) visit(at.expression);
    else if (ts.isPropertyAssignment(at)) {
      if (ts.isComputedPropertyName(at.name)) visit(at.name);
      visit(at.initializer);
    } else ts.forEachChild(at, visit);
  };
  visit(node);
  return into;
}
