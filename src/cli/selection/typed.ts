// Places in what a person typed: a diagnostic about a selection points into the option, or into a line of standard input.
import type { Span } from "../../diagnostics/diagnostic.ts";

/** @param from 0-based */
export function typed(file: string, text: string, from = 0, length = text.length, line = 1): Span {
  return { file, line, column: from + 1, length: Math.max(1, length), lines: [{ number: line, text }] };
}
