// What went wrong inside an evaluation, as diagnostics: refusals, exceptions, impurity, endless loops, imports that cannot be bundled.
import type { DiagnosticCode } from "../../diagnostics/catalogue.ts";
import { CATALOGUE } from "../../diagnostics/catalogue.ts";
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.ts";
import { isAbsolute, join } from "node:path";
import type { Message } from "esbuild";
import type { Locator } from "../source/locator.ts";
import type { BundleFailure, EvaluationBundle } from "./bundle.ts";
import type { TimedOut } from "./evaluate.ts";
import { ABSENT } from "./prelude.ts";
import type { Problem } from "./protocol.ts";

/** `stack`: of the stage's definition, for refusals that name a place inside it. */
export function problemDiagnostic(
  { problem }: Problem,
  locator: Locator,
  stage?: { readonly stack: string; readonly job?: string },
): Diagnostic {
  const { code, message, stack, remedy, at, name } = problem;
  const job = stage?.job === undefined ? {} : { job: stage.job };
  const of = (span: Span | undefined) => (span ? { span } : {});
  if (code !== undefined && Object.hasOwn(CATALOGUE, code)) {
    const inDefinition = stage !== undefined && (at?.length ?? 0) > 0;
    const span = inDefinition ? locator.locate(stage.stack, at) : locator.locate(stack, at);
    return {
      code: code as DiagnosticCode,
      severity: "error",
      message,
      ...of(span),
      ...(remedy ? { remedy } : {}),
      ...job,
    };
  }
  const span = locator.locate(stack) ?? (stage && locator.locate(stage.stack));
  const missing = name === "ReferenceError" ? /^(\S+) is not defined$/.exec(message)?.[1] : undefined;
  if (missing !== undefined && (ABSENT as readonly string[]).includes(missing))
    return {
      code: "compile/impure",
      severity: "error",
      message: `${missing} is not available while a campaign is compiled`,
      ...of(span),
      ...job,
    };
  return { code: "compile/threw", severity: "error", message: `${name}: ${message}`, ...of(span), ...job };
}

export function timeoutDiagnostic(
  { timedOut }: TimedOut,
  bundle: EvaluationBundle,
  locator: Locator,
  file: string,
): Diagnostic {
  const loop = bundle.loops[timedOut.loop];
  const span = locator.span(
    loop ? { file: loop.file, start: loop.start, end: loop.start + 1 } : { file, start: 0, end: 1 },
  );
  const message = `evaluation did not end within ${timedOut.seconds} s${loop ? "; this loop was running" : ""}`;
  return {
    code: "compile/timeout",
    severity: "error",
    message,
    ...(span ? { span } : {}),
    remedy: "Look for an endless loop at the position shown.",
  };
}

export function bundleDiagnostics(failure: BundleFailure, folder: string, locator: Locator): Diagnostic[] {
  if (failure.untraceable.length > 0)
    return failure.untraceable.map((place) => {
      const span = locator.span(place);
      return { code: place.code, severity: "error", message: place.message, ...(span ? { span } : {}) };
    });
  return failure.messages.map((message) => messageDiagnostic(message, failure, folder, locator));
}

function messageDiagnostic(message: Message, failure: BundleFailure, folder: string, locator: Locator): Diagnostic {
  const { location, text } = message;
  const file = location && (isAbsolute(location.file) ? location.file : join(folder, location.file));
  const start = file ? failure.original(file, location.line, toUtf16(location.lineText, location.column) + 1) : 0;
  const span = file ? locator.span({ file, start, end: start + Math.max(1, location.length) }) : undefined;
  return { ...bundleCode(text), severity: "error", ...(span ? { span } : {}) };
}

function bundleCode(text: string): Pick<Diagnostic, "code" | "message" | "remedy"> {
  const unresolved = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (unresolved !== undefined) return { code: "compile/import", message: `"${unresolved}" cannot be found` };
  if (/top-level await/i.test(text))
    return {
      code: "compile/impure",
      message: "a campaign cannot wait: top-level await is not available",
      remedy: "Declare what is needed as a campaign variable or a listing.",
    };
  if (/eval/.test(text))
    return {
      code: "compile/impure",
      message: "eval is not available while a campaign is compiled",
      remedy: "Write the code itself.",
    };
  if (/No matching export/.test(text)) return { code: "compile/import", message: text };
  return { code: "compile/syntax", message: text };
}

/** esbuild counts columns in bytes of UTF-8. */
function toUtf16(line: string, bytes: number): number {
  return Buffer.from(line, "utf8").subarray(0, bytes).toString("utf8").length;
}
