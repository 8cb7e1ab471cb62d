// Diagnostic: all a user is ever told when something is wrong. A value; printing is in print.ts.
import type { DiagnosticCode } from "./catalogue.ts";

export interface Span {
  /** Path as people know it: relative to the working directory where that is shorter. */
  readonly file: string;
  /** 1-based; column counts UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** Length in UTF-16 units on that line; at least 1. */
  readonly length: number;
  /** The source line and its neighbours, for the code frame: absent when the file cannot be read. */
  readonly lines?: readonly { readonly number: number; readonly text: string }[];
}

export interface Related {
  readonly message: string;
  readonly span?: Span;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** Warnings never change the exit code. */
  readonly severity: "error" | "warning";
  /** What happened, to what; one sentence without a final full stop. */
  readonly message: string;
  readonly span?: Span;
  readonly related?: readonly Related[];
  /** What to do next; a command where there is one. Absent: the catalogue's remedy. */
  readonly remedy?: string;
  /** The job concerned. */
  readonly job?: string;
  /** What was left on disk, where a step was interrupted. */
  readonly left?: string;
}

/** Carries expected failures through the shell; `cli/main.ts` prints them and maps the first error's code to the exit code. */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join("\n"));
  }
}

export function fail(diagnostic: Omit<Diagnostic, "severity">): never {
  throw new DiagnosticError([{ severity: "error", ...diagnostic }]);
}
