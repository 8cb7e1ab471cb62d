// A module's text made ready for evaluation: task functions replaced by references, functions only tasks use blanked out, loops marked.
import ts from "typescript";
import { type Edit, type Edited, applyEdits, blank } from "./edit.ts";
import { declaredNames } from "./module.ts";
import type { TracedTask } from "./trace.ts";

export interface Loop {
  readonly file: string;
  readonly start: number;
}

/** `tasks` are those of this module with their number; `loops` is appended to, its index is the loop's number. */
export function prepareModule(
  source: ts.SourceFile,
  tasks: readonly (TracedTask & { readonly id: number })[],
  entry: boolean,
  loops: Loop[],
): Edited {
  const { text } = source;
  const gone = unusedFunctions(source, tasks, entry);
  const within = (node: ts.Node) =>
    gone.some((statement) => node.pos >= statement.pos && node.end <= statement.end) ||
    tasks.some((task) => node.pos >= task.start - 1 && node.end <= task.end && node.getStart(source) >= task.start);
  const edits: Edit[] = [
    ...gone.map((statement) => blank(text, statement.getStart(source), statement.end)),
    ...tasks
      .filter((task) => !gone.some((s) => task.start >= s.pos && task.end <= s.end))
      .map(({ start, end, id }) => ({ start, end, text: `({ $task: ${id} } as any)` })),
  ];
  const visit = (node: ts.Node): void => {
    if (within(node)) return;
    if (ts.isIterationStatement(node, false)) {
      const body = node.statement;
      const mark = `__cmcAt=${loops.length};`;
      loops.push({ file: source.fileName, start: node.getStart(source) });
      if (ts.isBlock(body))
        edits.push({ start: body.getStart(source) + 1, end: body.getStart(source) + 1, text: mark });
      else
        edits.push(
          { start: body.getStart(source), end: body.getStart(source), text: `{${mark}` },
          { start: body.end, end: body.end, text: "}" },
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return applyEdits(text, edits);
}

/**
 * Top-level functions that nothing but tasks reach, and that no other module can see. They may use npm packages and node:
 * modules, which must not be evaluated: with the functions gone, esbuild drops the imports that only they used.
 * An exported function of the campaign module itself counts as unseen.
 */
function unusedFunctions(source: ts.SourceFile, tasks: readonly TracedTask[], entry: boolean): ts.Statement[] {
  const isFunction = (statement: ts.Statement) =>
    ts.isFunctionDeclaration(statement) ||
    (ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.every(
        (d) =>
          d.initializer !== undefined && (ts.isArrowFunction(d.initializer) || ts.isFunctionExpression(d.initializer)),
      ));
  const exported = (statement: ts.Statement) =>
    ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
  const candidates = new Set(
    source.statements.filter(
      (statement) => isFunction(statement) && (entry || !exported(statement)) && declaredNames(statement).length > 0,
    ),
  );
  for (;;) {
    const used = new Set<string>();
    for (const statement of source.statements)
      if (!candidates.has(statement)) namesOutsideTasks(statement, tasks, source, used);
    const rescued = [...candidates].filter((statement) => declaredNames(statement).some((name) => used.has(name)));
    if (rescued.length === 0) return [...candidates];
    for (const statement of rescued) candidates.delete(statement);
  }
}

function namesOutsideTasks(
  statement: ts.Statement,
  tasks: readonly TracedTask[],
  source: ts.SourceFile,
  into: Set<string>,
): void {
  const visit = (node: ts.Node): void => {
    if (tasks.some((task) => node.getStart(source) === task.start && node.end === task.end)) return;
    if (ts.isIdentifier(node)) into.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(statement);
}
