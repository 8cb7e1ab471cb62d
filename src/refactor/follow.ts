// What uses a name that was changed: the type checker says it. Every finding of a campaign that had none before is a place where the old name no
// longer fits; the name there is changed, and the checker is asked again. Another thing of the same name gives no finding and is never touched.
import ts from "typescript";
import { DiagnosticError } from "../diagnostics/diagnostic.ts";
import { renamed } from "./names.ts";
import { type Change, nodesIn, type Source, unwrap } from "./source.ts";

interface Names {
  readonly from: string;
  readonly to: string;
}

/** Chains of uses (a task, its type, an alias in it, what reads it) are short; this is no limit on their number. */
const ROUNDS = 40;

/** Throws mv/in-the-way, with what the checker says, where a finding remains. */
export function followed(root: Source, names: Names): Source {
  let source = root;
  for (let round = 0; round < ROUNDS && source.found.length > 0; round++) {
    const direct = source.found.flatMap((finding) => directChange(source, finding, names) ?? []);
    const next = direct.length > 0 ? source.with(direct) : indirect(source, names);
    if (!next) break;
    source = next;
  }
  if (source.found.length === 0) return source;
  const problems = source.problems.map((problem) => ({ ...problem, remedy: "The name cannot be followed here. Nothing was edited: change this place so that it fits both names, or rename by hand." })); // prettier-ignore
  throw new DiagnosticError([
    { code: "mv/in-the-way", severity: "error", message: `with ${names.to} instead of ${names.from} the campaign does not type-check` }, // prettier-ignore
    ...problems,
  ]);
}

/** The finding is about the name itself. */
function directChange(source: Source, finding: ts.Diagnostic, { from, to }: Names): Change | undefined {
  const node = nodeOf(finding);
  if (!node) return undefined;
  const isValue = isOwnKey(node) && !NO_PROPERTY.has(finding.code);
  const change = renamed(isValue ? (echoed(source, node.parent) ?? node.parent) : node, from, to);
  if (change) return change;
  // A comparison is found as a whole, a quoted key by its brackets.
  const inside = namesIn(node, { from, to });
  return finding.code === NO_OVERLAP || finding.code === NO_INDEX ? inside[0] : undefined;
}

/** Most findings about a property are placed at its key and mean its value: `{ z: echo("z") }`, where the first z is an attribute of a file. */
function isOwnKey(node: ts.Node): boolean {
  const { parent } = node;
  return (ts.isPropertyAssignment(parent) && parent.name === node) || ts.isShorthandPropertyAssignment(parent);
}

/** `"z"` of `z_obs: echo("z")`: the one thing that is found by its property and needs no search. */
function echoed(source: Source, property: ts.Node): ts.Node | undefined {
  const value = ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
  return value && ts.isCallExpression(value) && source.calleeOf(value) === "echo" ? value.arguments[0] : undefined;
}

const NO_PROPERTY = new Set([2353, 2561]);
const NO_OVERLAP = 2367;
const NO_INDEX = 7053;

/** The finding is about what holds the name, or about something that was declared elsewhere: one name at a time, kept if the finding goes. */
function indirect(source: Source, names: Names): Source | undefined {
  for (const finding of source.found) {
    const node = nodeOf(finding);
    if (!node) continue;
    for (const region of regions(source, node))
      for (const change of namesIn(region, names)) {
        const next = source.with([change]);
        if (isBetter(source, next, finding, names)) return next;
      }
  }
  return undefined;
}

/** There is one finding less of this kind and line, and whatever is new is about the name itself. */
function isBetter(before: Source, after: Source, finding: ts.Diagnostic, names: Names): boolean {
  const count = (source: Source, key: string) => source.found.filter((one) => keyOf(one) === key).length;
  const isOld = (key: string) => count(after, key) <= count(before, key);
  return (
    count(after, keyOf(finding)) < count(before, keyOf(finding)) &&
    after.found.every((one) => isOld(keyOf(one)) || directChange(after, one, names) !== undefined)
  );
}

/** Changes do not move lines. */
function keyOf({ file, start = 0, code }: ts.Diagnostic): string {
  return `${file?.fileName ?? ""}:${file ? file.getLineAndCharacterOfPosition(start).line : 0}:${code}`;
}

/** Where the name may stand, nearest first: in the place, around it, in the types of what is used there. */
function* regions(source: Source, node: ts.Node): Generator<ts.Node> {
  yield node;
  const around = enclosing(node);
  if (around !== node) yield around;
  const seen = new Set<ts.Node>();
  const open: ts.Node[] = [around];
  for (let at = open.shift(); at && seen.size < 200; at = open.shift()) {
    const names = nodesIn(at, ts.isIdentifier).flatMap((name) => source.declarationOf(name) ?? []);
    for (const declaration of names)
      for (const type of typesOf(declaration)) {
        if (seen.has(type)) continue;
        seen.add(type);
        yield type;
        open.push(type);
      }
  }
}

/** What a declaration says of types: parameters of a function, an alias, an interface. */
function typesOf(declaration: ts.Declaration): ts.Node[] {
  if (ts.isTypeAliasDeclaration(declaration) || ts.isInterfaceDeclaration(declaration)) return [declaration];
  const value = ts.isVariableDeclaration(declaration) && declaration.initializer ? unwrap(declaration.initializer) : declaration; // prettier-ignore
  const annotated = ts.isVariableDeclaration(declaration) && declaration.type ? [declaration.type] : [];
  return ts.isFunctionLike(value) ? [...annotated, ...value.parameters.flatMap(({ type }) => type ?? [])] : annotated;
}

/** The property or argument that a node belongs to. */
function enclosing(node: ts.Node): ts.Node {
  for (let at = node; !ts.isSourceFile(at); at = at.parent)
    if (ts.isPropertyAssignment(at) || ts.isStatement(at)) return at;
  return node;
}

function namesIn(region: ts.Node, { from, to }: Names): Change[] {
  const is = (node: ts.Node): node is ts.Node => renamed(node, from, to) !== undefined;
  return nodesIn(region, is).map((node) => renamed(node, from, to)!);
}

function nodeOf({ file, start, length = 0 }: ts.Diagnostic): ts.Node | undefined {
  if (!file || start === undefined) return undefined;
  let found: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) > start || node.end < start + length) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
