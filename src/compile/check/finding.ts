// Reading a finding of the type checker: what its messages name, and what stands around its place. No rules here.
import ts from "typescript";

/** The literal that was given and the literals that were expected, from the innermost message. */
export function literalMismatch(
  chain: readonly string[],
): { readonly given: string; readonly expected: readonly string[] } | undefined {
  const match =
    /^(?:Type|Argument of type) '"(.*?)"' is not assignable to (?:type|parameter of type) '(.*?)'\.?(?: Did you mean .*)?$/.exec(
      chain.at(-1)!,
    );
  if (!match) return undefined;
  return { given: match[1]!, expected: [...match[2]!.matchAll(/"([^"]*)"/g)].map((literal) => literal[1]!) };
}

export function missingNames(chain: readonly string[]): string[] {
  const last = chain.at(-1)!;
  const one = /^Property '([^']+)' is missing in type/.exec(last)?.[1];
  if (one !== undefined) return [one];
  const several = /missing the following properties from type .*: ([^:]+)$/.exec(last)?.[1];
  return several === undefined ? [] : several.split(", ").map((name) => name.replace(/, and \d+ more\.?$/, ""));
}

export function isStageHandle(owner: ts.Node): boolean {
  return (
    ts.isPropertyAccessExpression(owner) &&
    ts.isIdentifier(owner.expression) &&
    !["ctx", "context"].includes(owner.expression.text) &&
    !ts.isParameter(owner.parent)
  );
}

export function propertyNames(type: ts.Type, checker: ts.TypeChecker): string[] {
  const parts = type.isUnion() ? type.types : [type];
  const names = parts.flatMap((part) =>
    checker.getPropertiesOfType(checker.getApparentType(part)).map((symbol) => symbol.name),
  );
  return [...new Set(names)].filter((name) => !name.startsWith("__"));
}

export function enclosing<T extends ts.Node>(node: ts.Node, is: (node: ts.Node) => node is T): T | undefined {
  for (let at: ts.Node | undefined = node; at && !ts.isSourceFile(at); at = at.parent as ts.Node | undefined)
    if (is(at)) return at;
  return undefined;
}
