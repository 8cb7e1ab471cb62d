// Diagnostics as text and as JSON: pure strings. Nothing is written here.
import { CATALOGUE } from "./catalogue.ts";
import type { Diagnostic, Span } from "./diagnostic.ts";
import type { Palette } from "./palette.ts";

/** Several lines: severity and code, message, code frame, related places, what was left, remedy. */
export function formatDiagnostic(diagnostic: Diagnostic, palette: Palette): string {
  const { code, severity, message, span, related = [], job, left } = diagnostic;
  const paint = severity === "error" ? palette.red : palette.yellow;
  const lines = [`${paint(`${severity} ${code}`)}: ${message}`];
  if (job) lines.push(`  job: ${job}`);
  if (span) lines.push(...frame(span, palette));
  for (const { message: text, span: at } of related) {
    lines.push(`  ${palette.dim("related")}: ${text}`);
    if (at) lines.push(...frame(at, palette));
  }
  if (left) lines.push(`  left on disk: ${left}`);
  lines.push(`  ${palette.green("remedy")}: ${remedyOf(diagnostic)}`);
  return lines.join("\n");
}

export function remedyOf(diagnostic: Diagnostic): string {
  return diagnostic.remedy ?? CATALOGUE[diagnostic.code].remedy;
}

function frame(span: Span, palette: Palette): string[] {
  const lines = [`  ${palette.cyan(`${span.file}:${span.line}:${span.column}`)}`];
  const width = String(span.line + 1).length;
  for (const { number, text } of span.lines ?? []) {
    lines.push(`  ${palette.dim(`${String(number).padStart(width)} |`)} ${expandTabs(text)}`);
    if (number !== span.line) continue;
    const before = expandTabs(text.slice(0, span.column - 1)).length;
    const under = Math.max(1, Math.min(span.length, text.length - span.column + 1));
    lines.push(`  ${" ".repeat(width)} ${palette.dim("|")} ${" ".repeat(before)}${palette.red("^".repeat(under))}`);
  }
  return lines;
}

function expandTabs(text: string): string {
  return text.replaceAll("\t", "    ");
}

/** One JSON object, on one line, as `--json` prints it. */
export function jsonDiagnostic(diagnostic: Diagnostic): string {
  const { code, severity, message, span, related, job, left } = diagnostic;
  const at = (s: Span) => ({ file: s.file, line: s.line, column: s.column, length: s.length });
  return JSON.stringify({
    type: "diagnostic",
    code,
    severity,
    message,
    ...(span ? { span: at(span) } : {}),
    ...(related
      ? { related: related.map((r) => ({ message: r.message, ...(r.span ? { span: at(r.span) } : {}) })) }
      : {}),
    ...(job ? { job } : {}),
    ...(left ? { left } : {}),
    remedy: remedyOf(diagnostic),
  });
}
