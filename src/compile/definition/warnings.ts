// What is allowed and probably a slip. Warnings never change the exit code.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Description } from "../realm/protocol.ts";
import type { Locator } from "../source/locator.ts";

/** `usedRoots`: listing roots below which some job has an input. */
export function warningsOf(description: Description, usedRoots: ReadonlySet<string>, find: Locator): Diagnostic[] {
  const seen = new Set<string>();
  return description.listings.flatMap(({ name, root, stack }) => {
    if (usedRoots.has(root.replace(/\/+$/, "")) || seen.has(name)) return [];
    seen.add(name);
    const span = find.locate(stack);
    return [
      {
        code: "compile/listing-unused",
        severity: "warning",
        message: `no job reads a file of listing ${name}`,
        ...(span ? { span } : {}),
      } as const,
    ];
  });
}
