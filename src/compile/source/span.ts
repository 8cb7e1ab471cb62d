// Spans: a range of a source file as a diagnostic shows it, with its lines. Reads no file: the text is given.
import { isAbsolute, relative } from "node:path";
import type { Span } from "../../diagnostics/diagnostic.ts";
import { positionAt } from "./edit.ts";

/** Relative to the working directory where that is shorter. */
export function shownPath(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return isAbsolute(short) || short.length >= file.length ? file : short || ".";
}

export function spanOf(file: string, text: string, start: number, end: number, cwd: string): Span {
  const { line, column } = positionAt(text, start);
  const lines = text.split(/\r?\n/);
  const inLine = Math.max(1, Math.min(end - start, (lines[line - 1] ?? "").length - column + 1));
  const shown = [line - 1, line, line + 1].filter((n) => n >= 1 && n <= lines.length);
  return {
    file: shownPath(file, cwd),
    line,
    column,
    length: inLine,
    lines: shown.map((number) => ({ number, text: lines[number - 1]! })),
  };
}
