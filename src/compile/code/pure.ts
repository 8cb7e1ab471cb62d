// Marks calls of cmc's own functions as free of side effects, so that a declaration beside a helper (an axis, a variable) is not taken for the helper's code.
import ts from "typescript";
import { applyEdits } from "../source/edit.ts";
import { type Modules, cmcCallee, importsOf } from "../source/module.ts";

/** Undefined: nothing to mark. */
export function withPureCalls(modules: Modules, file: string): string | undefined {
  const source = modules.get(file);
  if (!source) return undefined;
  const imports = importsOf(source);
  if (![...imports.values()].some((from) => from.specifier === "cmc")) return undefined;
  const starts = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && cmcCallee(node.expression, imports) !== undefined)
      starts.add(node.getStart(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return applyEdits(
    source.text,
    [...starts].map((start) => ({ start, end: start, text: "/* @__PURE__ */ " })),
  ).text;
}
