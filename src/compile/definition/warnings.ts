// What is allowed and probably a slip. Warnings never change the exit code.
import type { JobTable } from "../../expand/table.ts";
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

/**
 * A command that names a file beside the campaign without declaring it: its changes would go unseen, and a job, which runs in its
 * staging directory, would not find it.
 */
export function undeclaredCode(
  table: JobTable,
  stacks: ReadonlyMap<string, string>,
  isFile: (path: string) => boolean,
  find: Locator,
): Diagnostic[] {
  return table.stages.flatMap(({ stage, argv, count }) => {
    if (!argv || count === 0) return [];
    const declared = new Set(stage.code.sources.map((source) => source.path));
    const first = JSON.parse(argv.at(0)) as string[];
    return first
      .filter((word) => /^[\w.-][\w./-]*$/.test(word) && !word.startsWith("-") && !declared.has(word) && isFile(word))
      .map((word) => {
        const span = find.locate(stacks.get(stage.name)!, ["run"]);
        return {
          code: "compile/code-undeclared",
          severity: "warning",
          message: `the command of stage ${stage.name} names ${word}, a file beside the campaign that it does not declare`,
          remedy: `Declare it: command(..., { code: [${JSON.stringify(word)}] }). Then a change reruns, and jobs find it.`,
          ...(span ? { span } : {}),
        } as const;
      });
  });
}
