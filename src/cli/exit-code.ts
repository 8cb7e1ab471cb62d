// Errors to exit codes: one function. The numbers are in diagnostics/exit.ts, the codes' exits in the catalogue.
import { CATALOGUE } from "../diagnostics/catalogue.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { EXIT } from "../diagnostics/exit.ts";
import { EXAMPLES } from "./examples.ts";

export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  const first = diagnostics.find((d) => d.severity === "error");
  return first ? EXIT[CATALOGUE[first.code].exit] : EXIT.ok;
}

/** What commander says of a command line, as a diagnostic. `command`: the first word. */
export function usageDiagnostic(text: string, command: string | undefined): Diagnostic {
  const message = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  const known = command !== undefined && Object.hasOwn(EXAMPLES, command);
  return { code: "cli/usage", severity: "error", message, remedy: `See \`cmc ${known ? `${command} ` : ""}--help\`.` };
}

/** What escaped as an exception: an operating system error in words, or a fault of cmc. */
export function internalDiagnostic(error: unknown, env: NodeJS.ProcessEnv): Diagnostic {
  const known = systemDiagnostic(error);
  if (known) return known;
  const message = error instanceof Error ? error.message : String(error);
  const stack = env["CMC_DEBUG"] && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  return { code: "cli/internal", severity: "error", message: `${message}${stack}` };
}

function systemDiagnostic(error: unknown): Diagnostic | undefined {
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const where = path ? ` ${path}` : "";
  if (code === "ENOSPC" || code === "EDQUOT")
    return { code: "state/disk-full", severity: "error", message: `no space left while writing${where}` };
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return {
      code: "state/unwritable",
      severity: "error",
      message: `${syscall ?? "access"}${where}: ${code === "EROFS" ? "read-only file system" : "permission denied"}`,
    };
  return undefined;
}
