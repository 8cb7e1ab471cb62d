// The `moved` entry: its text, and where it goes in the campaign module, with the import it needs. Pure text; nothing else moves.
import ts from "typescript";
import { cmcCallee, importsOf } from "../compile/source/module.ts";
import type { MoveIR } from "../ir/campaign.ts";
import type { Change } from "./source.ts";

export function entryText({ from, to }: MoveIR, callee = "moved", quote = '"'): string {
  const text = (value: unknown): string => {
    if (typeof value === "object" && value !== null) return `{ ${Object.entries(value).map(([name, one]) => `${name}: ${text(one)}`).join(", ")} }`; // prettier-ignore
    const json = JSON.stringify(value);
    return typeof value === "string" && quote === "'" && !/['"\\]/.test(value) ? `'${value}'` : json;
  };
  return `${callee}({ from: ${text(from)}, to: ${text(to)} });`;
}

/** After the last entry, else before the campaign. */
export function entryChanges(module: ts.SourceFile, move: MoveIR): readonly Change[] {
  const { fileName: file, text } = module;
  const imports = importsOf(module);
  const known = [...imports].find(([, { specifier, name }]) => specifier === "cmc" && name === "moved")?.[0];
  const namespace = [...imports].find(([, { specifier, name }]) => specifier === "cmc" && name === "*")?.[0];
  const taken = known === undefined && (imports.has("moved") || new RegExp(`\\bmoved\\b`).test(text));
  const plain = taken ? "movedFrom" : "moved";
  const list = importList(module);
  const line = text.includes("\r\n") ? "\r\n" : "\n";
  const quote = list?.quote ?? '"';
  const callee = known ?? (list || namespace === undefined ? plain : `${namespace}.moved`);
  const entry = entryText(move, callee, quote);
  const added: Change[] = [];
  if (known === undefined && list) added.push(...list.with(taken ? "moved as movedFrom" : "moved").map((change) => ({ file, ...change })));
  else if (known === undefined && namespace === undefined)
    added.push({ file, start: 0, end: 0, text: `import { ${taken ? "moved as movedFrom" : "moved"} } from "cmc";${line}` }); // prettier-ignore
  const last = module.statements.filter((statement) => isEntry(statement, imports)).at(-1);
  if (last) {
    const at = endOfLine(text, last.end);
    return [...added, { file, start: at, end: at, text: `${line}${entry}` }];
  }
  const campaign = module.statements.find((statement) => ts.isExportAssignment(statement));
  const at = campaign ? startOf(campaign, text) : text.length;
  const alone = /\r?\n[ \t]*\r?\n$/.test(text.slice(0, at));
  return [...added, { file, start: at, end: at, text: `${entry}${line}${alone ? line : ""}` }];
}

export function isEntry(node: ts.Node, imports: ReturnType<typeof importsOf>): boolean {
  return (
    ts.isExpressionStatement(node) &&
    ts.isCallExpression(node.expression) &&
    cmcCallee(node.expression.expression, imports) === "moved"
  );
}

/** Of a statement, with the comments right above it. */
function startOf(statement: ts.Statement, text: string): number {
  let start = statement.getStart();
  for (const { pos, end } of [...(ts.getLeadingCommentRanges(text, statement.pos) ?? [])].reverse()) {
    if (/\n[ \t]*\r?\n/.test(text.slice(end, start))) break;
    // A comment at the end of another statement's line is not this one's.
    if (!/(^|\n)[ \t]*$/.test(text.slice(0, pos))) break;
    start = pos;
  }
  return start;
}

interface ImportList {
  readonly quote: string;
  /** Changes that add a name at the end. */
  with(name: string): readonly Omit<Change, "file">[];
}

/** The names imported from "cmc", as values. */
function importList({ statements, text }: ts.SourceFile): ImportList | undefined {
  for (const statement of statements) {
    if (!ts.isImportDeclaration(statement) || !statement.importClause || statement.importClause.isTypeOnly) continue;
    const { namedBindings: bindings } = statement.importClause;
    if ((statement.moduleSpecifier as ts.StringLiteral).text !== "cmc" || !bindings || !ts.isNamedImports(bindings)) continue; // prettier-ignore
    const quote = statement.moduleSpecifier.getText()[0]!;
    const { elements } = bindings;
    const last = elements.at(-1);
    const at = endOfLine(text, last ? elements.end : bindings.getStart() + 1);
    const indent = (last && /(\r?\n[ \t]*)$/.exec(text.slice(0, last.getStart()))?.[1]) ?? " ";
    const comma = last !== undefined && !elements.hasTrailingComma;
    const insert = (start: number, added: string) => ({ start, end: start, text: added });
    return {
      quote,
      with(name) {
        const own = `${indent}${name}${last === undefined ? " " : comma ? "" : ","}`;
        if (!comma) return [insert(at, own)];
        return at === last.end ? [insert(at, `,${own}`)] : [insert(last.end, ","), insert(at, own)];
      },
    };
  }
  return undefined;
}

/** After the comments that stand behind something on its line. */
function endOfLine(text: string, end: number): number {
  return ts.getTrailingCommentRanges(text, end)?.at(-1)?.end ?? end;
}
