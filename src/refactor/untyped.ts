// Where the name stands and the type checker knows nothing of it: points and outputs of tasks that are typed as records, texts, environment variables.
// Records that can only mean it are changed; the rest are places for a person to look at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { importsOf } from "../compile/source/module.ts";
import { spanOf } from "../compile/source/span.ts";
import type { CampaignIR } from "../ir/campaign.ts";
import { concerns, type Rename } from "./address.ts";
import { isEntry } from "./entry.ts";
import { renamed } from "./names.ts";
import { type Change, nodesIn, placeOf, type Source, unwrap } from "./source.ts";

/** A place that may mean the old name. */
export interface Look {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Types of cmc under which every name is allowed: a point, and the outputs of a context that names none. */
const RECORDS = { axis: "Readonly<Record<string, Scalar>>", output: "Readonly<Record<string, string>>" } as const;

/** What such a record is called; a pattern inside a pattern shows only what it binds. */
const ROLES = { axis: /point|^\{/i, output: /outputs|^\{/i } as const;

/** `ctx.point.z` where the context says nothing of its point. Only where nothing else of the campaign keeps the name. */
export function recordChanges(source: Source, rename: Rename, { stages }: CampaignIR): readonly Change[] {
  if (rename.kind !== "axis" && rename.kind !== "output") return [];
  const parts = rename.kind === "axis" ? "axes" : "outputs";
  const stays = stages.some((stage) => !concerns(rename, stage) && stage[parts].some(({ name }) => name === rename.from)); // prettier-ignore
  return stays ? [] : inRecords(source, rename, rename.from).flatMap((node) => renamed(node, rename.from, rename.to) ?? []); // prettier-ignore
}

function inRecords(source: Source, rename: Rename, from: string): ts.Node[] {
  if (rename.kind !== "axis" && rename.kind !== "output") return [];
  const record = RECORDS[rename.kind];
  const is = (node: ts.Node): node is ts.Node => {
    if (!renamed(node, from, from)) return false;
    const owner = ownerOf(node);
    if (!owner || !ROLES[rename.kind].test(owner.getText())) return false;
    return source.checker.typeToString(source.checker.getTypeAtLocation(owner)) === record;
  };
  return source.modules.flatMap((module) => nodesIn(module, is));
}

/** What a name is read from. */
function ownerOf({ parent }: ts.Node): ts.Node | undefined {
  if (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) return parent.expression;
  if (!ts.isBindingElement(parent)) return undefined;
  const holder = parent.parent.parent;
  return ts.isVariableDeclaration(holder) && holder.initializer ? holder.initializer : parent.parent;
}

/** @param source after the changes */
export function looks(source: Source, rename: Rename, ir: CampaignIR): readonly Look[] {
  const from = rename.from;
  const literals = source.modules.flatMap((module) => {
    const imports = importsOf(module);
    const entries = module.statements.filter((statement) => isEntry(statement, imports));
    const is = (node: ts.Node): node is ts.Node => isLiteral(node, from) && !entries.some((one) => one.pos <= node.pos && node.end <= one.end); // prettier-ignore
    return nodesIn(module, is);
  });
  const records = inRecords(source, rename, String(from));
  const spots = [...new Set([...literals, ...records])].map((node) => look(source, node));
  return [...spots, ...variables(source, rename, ir)].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)); // prettier-ignore
}

function isLiteral(node: ts.Node, from: Rename["from"]): boolean {
  if (ts.isStringLiteralLike(node)) return node.text === from && !ts.isImportDeclaration(node.parent);
  if (!ts.isNumericLiteral(node) || typeof from !== "number") return false;
  const whole = ts.isPrefixUnaryExpression(node.parent) ? node.parent : node;
  return (
    Number(
      unwrap(whole as ts.Expression)
        .getText()
        .replaceAll("_", ""),
    ) === from
  );
}

function look(source: Source, node: ts.Node): Look {
  const { file, line, column, lines } = source.span(placeOf(node));
  return { file, line, column, text: (lines ?? []).find(({ number }) => number === line)!.text.trim() };
}

/** `CMC_POINT_Z` in the campaign's modules, and in the declared code of its commands. */
function variables(source: Source, rename: Rename, ir: CampaignIR): Look[] {
  if (rename.kind !== "axis") return [];
  const name = new RegExp(`\\bCMC_POINT_${rename.from.toUpperCase()}\\b`, "g");
  const code = ir.stages.filter((stage) => stage.run.kind === "command" && concerns(rename, stage)).flatMap((stage) => stage.code.sources.map(({ path }) => join(source.folder, path))); // prettier-ignore
  const modules = new Map(source.modules.map((module) => [module.fileName, module.text]));
  return [...new Set([...modules.keys(), ...code])].flatMap((file) => {
    const text = modules.get(file) ?? readable(file);
    return [...text.matchAll(name)].map(({ index, 0: word }) => {
      const { line, column, lines, file: shown } = spanOf(file, text, index, index + word.length, source.cwd);
      return { file: shown, line, column, text: (lines ?? []).find(({ number }) => number === line)!.text.trim() };
    });
  });
}

function readable(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
