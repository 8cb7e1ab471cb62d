// A campaign's own modules with the types in them, as they would be with some edits. Finds what expressions stand for; changes no file.
import { realpathSync } from "node:fs";
import { dirname, sep } from "node:path";
import ts from "typescript";
import { type Checked, checkProgram } from "../compile/check/check.ts";
import { cmcCallee, importsOf } from "../compile/source/module.ts";
import { spanOf } from "../compile/source/span.ts";
import { type Diagnostic, DiagnosticError, type Span } from "../diagnostics/diagnostic.ts";
import { applyEdits, type Edit } from "../compile/source/edit.ts";

export interface Place {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** `text` instead of what stands there. */
export type Change = Place & Edit;

export class Source {
  readonly folder: string;
  private readonly checked: Checked;

  /** @param file the campaign module, absolute, links resolved */
  constructor(
    readonly file: string,
    readonly cwd: string,
    readonly texts: ReadonlyMap<string, string> = new Map(),
    before?: Source,
  ) {
    this.folder = dirname(file);
    this.checked = checkProgram(file, cwd, texts, before?.program);
  }

  get program(): ts.Program {
    return this.checked.program;
  }

  get checker(): ts.TypeChecker {
    return this.checked.program.getTypeChecker();
  }

  get modules(): readonly ts.SourceFile[] {
    return this.checked.modules;
  }

  get found(): readonly ts.Diagnostic[] {
    return this.checked.found;
  }

  get problems(): readonly Diagnostic[] {
    return this.checked.problems;
  }

  /** The same campaign with changes. Refuses those outside its folder. */
  with(changes: readonly Change[]): Source {
    const texts = new Map(this.texts);
    for (const file of new Set(changes.map((change) => change.file))) {
      const own = changes.filter((change) => change.file === file);
      if (!this.isInside(file))
        throw new DiagnosticError([
          {
            code: "mv/by-hand",
            severity: "error",
            message: "the name is also written outside the campaign's folder",
            span: this.span(own[0]!),
            remedy: "Only what lies below the campaign's folder is edited: move the module there, or rename by hand.",
          },
        ]);
      texts.set(file, applyEdits(this.text(file), unique(own)).text);
    }
    return new Source(this.file, this.cwd, texts, this);
  }

  private isInside(file: string): boolean {
    return !file.includes("/node_modules/") && realpathSync(file).startsWith(this.folder + sep);
  }

  text(file: string): string {
    return this.program.getSourceFile(file)!.text;
  }

  span({ file, start, end }: Place): Span {
    return spanOf(file, this.text(file), start, end, this.cwd);
  }

  spanAt(node: ts.Node): Span {
    return this.span(placeOf(node));
  }

  /** Calls of a function of cmc, in the order of modules. */
  calls(name: RegExp): readonly ts.CallExpression[] {
    return this.modules.flatMap((module) => {
      const imports = importsOf(module);
      const is = (node: ts.Node): node is ts.CallExpression =>
        ts.isCallExpression(node) && name.test(cmcCallee(node.expression, imports) ?? "");
      return nodesIn(module, is);
    });
  }

  /** Name under which cmc exports what is called. */
  calleeOf(call: ts.CallExpression): string | undefined {
    return cmcCallee(call.expression, importsOf(call.getSourceFile()));
  }

  /** What an identifier was declared as; undefined for anything else, and for what is not the campaign's own. */
  declarationOf(node: ts.Node): ts.Declaration | undefined {
    const written = ts.isShorthandPropertyAssignment(node.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(node.parent)
      : this.checker.getSymbolAtLocation(node);
    const symbol = this.resolved(written);
    const declaration = symbol?.declarations?.[0];
    return declaration && this.modules.includes(declaration.getSourceFile()) ? declaration : undefined;
  }

  private resolved(symbol: ts.Symbol | undefined): ts.Symbol | undefined {
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The expression behind parentheses, `as const`, and constants. */
  valueOf(node: ts.Expression): ts.Expression {
    const bare = unwrap(node);
    if (!ts.isIdentifier(bare)) return bare;
    const declaration = this.declarationOf(bare);
    const initial = declaration && ts.isVariableDeclaration(declaration) && isConst(declaration) && declaration.initializer; // prettier-ignore
    return initial ? this.valueOf(initial) : bare;
  }

  /** Places that read the same declaration, imports and exports aside. */
  uses(declaration: ts.Declaration): readonly ts.Identifier[] {
    return this.modules.flatMap((module) =>
      nodesIn(
        module,
        (node): node is ts.Identifier =>
          ts.isIdentifier(node) &&
          !ts.isImportSpecifier(node.parent) &&
          !ts.isExportSpecifier(node.parent) &&
          node.parent !== declaration &&
          this.declarationOf(node) === declaration,
      ),
    );
  }
}

/** The text of a literal type; undefined for anything wider. */
export function literalOf(source: Source, node: ts.Expression): string | undefined {
  const type = source.checker.getTypeAtLocation(node);
  return type.isStringLiteral() ? type.value : undefined;
}

export function placeOf(node: ts.Node): Place {
  return { file: node.getSourceFile().fileName, start: node.getStart(), end: node.end };
}

export function nodesIn<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

export function unwrap(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)
    ? unwrap(node.expression)
    : node;
}

function isConst(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
}

export function unique(changes: readonly Change[]): readonly Change[] {
  return [
    ...new Map(
      changes.map((change) => [`${change.file} ${change.start} ${change.end} ${change.text}`, change]),
    ).values(),
  ];
}
