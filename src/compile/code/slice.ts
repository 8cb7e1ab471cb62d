// A task's code as a module of its own: the top-level statements its function reaches, and the function as default export.
import { dirname } from "node:path";
import ts from "typescript";
import { cmcCallee, declaredNames, importsOf, usedNames } from "../source/module.ts";
import type { TracedTask } from "../source/trace.ts";

export interface CodeEntry {
  /** What esbuild's module of the same name is made of. */
  readonly contents: string;
  readonly resolveDir: string;
  /** Module the code comes from, absolute. */
  readonly file: string;
  /** Name for people. */
  readonly entry: string;
}

export function codeEntry(task: TracedTask, source: ts.SourceFile, entry: string): CodeEntry {
  const { code, file } = task;
  const resolveDir = dirname(file);
  if (code.kind === "import") {
    const name = code.name === "default" ? "default" : `${code.name} as default`;
    return { contents: `export { ${name} } from ${JSON.stringify(code.specifier)};`, resolveDir, file, entry };
  }
  return { contents: slice(source, code.expression), resolveDir, file, entry };
}

/**
 * By identifier, without the checker: may keep a statement too many (a shadowed name), never one too few. Expression statements
 * that mention a kept name stay (they may change it), unless they are calls of cmc's own (a stage that is only declared).
 */
function slice(source: ts.SourceFile, expression: string): string {
  const imports = importsOf(source);
  const statements = source.statements.filter(
    (s) => !ts.isImportDeclaration(s) && !ts.isExportAssignment(s) && !ts.isExportDeclaration(s),
  );
  const wanted = usedNames(ts.createSourceFile("task.ts", `(${expression})`, ts.ScriptTarget.ES2022, true));
  const kept = new Set<ts.Statement>();
  const keep = (statement: ts.Statement) => {
    kept.add(statement);
    usedNames(statement, wanted);
  };
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const statement of statements) {
      if (kept.has(statement)) continue;
      const names = declaredNames(statement);
      if (names.some((name) => wanted.has(name))) keep(statement);
      else if (
        names.length === 0 &&
        isEffect(statement) &&
        !declaresForCmc(statement, imports) &&
        mentionsKept(statement, kept)
      )
        keep(statement);
    }
  }
  const used = new Set([...wanted]);
  const importLines = [...imports]
    .filter(([local]) => used.has(local))
    .map(([local, { specifier, name }]) => importLine(local, name, specifier));
  const bodies = statements.filter((s) => kept.has(s)).map((s) => withoutExport(s, source));
  return [...importLines, ...bodies, `export default (${expression});`].join("\n");
}

function importLine(local: string, name: string, specifier: string): string {
  const from = JSON.stringify(specifier);
  if (name === "*") return `import * as ${local} from ${from};`;
  if (name === "default") return `import ${local} from ${from};`;
  return `import { ${name === local ? name : `${name} as ${local}`} } from ${from};`;
}

function isEffect(statement: ts.Statement): boolean {
  return (
    !ts.isTypeAliasDeclaration(statement) && !ts.isInterfaceDeclaration(statement) && !ts.isEmptyStatement(statement)
  );
}

function declaresForCmc(statement: ts.Statement, imports: ReturnType<typeof importsOf>): boolean {
  return (
    ts.isExpressionStatement(statement) &&
    ts.isCallExpression(statement.expression) &&
    cmcCallee(statement.expression.expression, imports) !== undefined
  );
}

function mentionsKept(statement: ts.Statement, kept: ReadonlySet<ts.Statement>): boolean {
  const names = usedNames(statement);
  for (const other of kept) if (declaredNames(other).some((name) => names.has(name))) return true;
  return false;
}

function withoutExport(statement: ts.Statement, source: ts.SourceFile): string {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  const words =
    modifiers?.filter((m) => m.kind === ts.SyntaxKind.ExportKeyword || m.kind === ts.SyntaxKind.DefaultKeyword) ?? [];
  const text = statement.getText(source);
  const start = statement.getStart(source);
  const last = words.at(-1);
  return last ? text.slice(last.end - start) : text;
}
