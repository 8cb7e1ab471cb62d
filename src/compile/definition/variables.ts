// Variables given from outside against those the campaign declares.
import { canonicalJson } from "../../ir/canonical.ts";
import type { Json } from "../../ir/json.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Outside } from "../given.ts";
import type { Description } from "../realm/protocol.ts";
import type { Locator } from "../source/locator.ts";
import { didYouMean } from "./suggest.ts";

/** Names nothing reads. Those of the environment are left alone: they may be another campaign's. */
export function unknownVariables(description: Description, { given, fileSpan }: Outside): Diagnostic[] {
  const declared = [...new Set(description.variables.map((variable) => variable.name))].sort();
  const problems: Diagnostic[] = [];
  for (const name of Object.keys(given.set))
    if (!declared.includes(name))
      problems.push({
        code: "cli/unknown-set",
        severity: "error",
        message: `--set names ${name}, which the campaign does not declare`,
        remedy: didYouMean(name, declared, "variables"),
      });
  for (const name of Object.keys(given.file)) {
    if (declared.includes(name)) continue;
    const span = fileSpan(name);
    problems.push({
      code: "cli/unknown-set",
      severity: "error",
      message: `the variables file names ${name}, which the campaign does not declare`,
      ...(span ? { span } : {}),
      remedy: didYouMean(name, declared, "variables"),
    });
  }
  return problems;
}

export function variablesTwice(description: Description, find: Locator): Diagnostic[] {
  const first = new Map<string, string>();
  const problems: Diagnostic[] = [];
  for (const { stack, ...declaration } of description.variables) {
    const text = canonicalJson(declaration as unknown as Json);
    const known = first.get(declaration.name);
    if (known === undefined) first.set(declaration.name, text);
    else if (known !== text) {
      const span = find.locate(stack);
      problems.push({
        code: "compile/variable-twice",
        severity: "error",
        message: `variable ${declaration.name} is declared twice, with different options`,
        ...(span ? { span } : {}),
      });
    }
  }
  return problems;
}
