// Machine output: NDJSON whose first line names the format. Unknown fields and types may appear within a major version.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { formatDiagnostic, jsonDiagnostic } from "../diagnostics/print.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import type { Context } from "./context.ts";

export const FORMAT_VERSION = "1.0";

/** The first line, before anything can go wrong. */
export function beginJson(context: Context, command: string): void {
  printJson(context, [{ type: "version", format: FORMAT_VERSION, tool: TOOL_VERSION, command }]);
}

export function printJson(context: Context, objects: Iterable<object>): void {
  for (const object of objects) context.out(`${JSON.stringify(object)}\n`);
}

/** To people on standard error; to programs as one object among the others. */
export function printDiagnostics(context: Context, diagnostics: readonly Diagnostic[], json = false): void {
  for (const diagnostic of diagnostics)
    if (json) context.out(`${jsonDiagnostic(diagnostic)}\n`);
    else context.err(`${formatDiagnostic(diagnostic, context.palette)}\n`);
}
