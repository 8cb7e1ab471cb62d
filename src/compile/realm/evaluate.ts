// Runs the evaluation script in a bare vm context and talks to it in JSON text. No host object ever goes in, none comes out.
// This is determinism and protection against accidents, not security against a hostile author.
import vm from "node:vm";
import type { Given } from "../../author/given.ts";
import { PRELUDE } from "./prelude.ts";
import type { Chunk, Description, Problem } from "./protocol.ts";

export const SCRIPT_NAME = "cmc-evaluation.js";

/** Number of the loop that ran last when time was up; -1 when no loop was seen. */
export interface TimedOut {
  readonly timedOut: { readonly loop: number; readonly seconds: number };
}

export type Answer<T> = T | Problem | TimedOut;

export interface Realm {
  readonly describe: () => Answer<Description>;
  readonly columns: (stage: number, from: number, to: number) => Answer<Chunk>;
}

export function isProblem(answer: object): answer is Problem {
  return "problem" in answer;
}

export function isTimedOut(answer: object): answer is TimedOut {
  return "timedOut" in answer;
}

export function evaluate(script: string, given: Given, seconds: number): Answer<Realm> {
  const context = vm.createContext(Object.create(null) as object, { codeGeneration: { strings: false, wasm: false } });
  const run = (code: string, lineOffset = 0): string =>
    String(vm.runInContext(code, context, { filename: SCRIPT_NAME, lineOffset, timeout: seconds * 1000 }));
  const ask = <T>(code: string, lineOffset?: number): Answer<T> => {
    try {
      return JSON.parse(run(code, lineOffset)) as Answer<T>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw hostError(error);
      return { timedOut: { loop: Number(run("__cmcLoop()")), seconds } };
    }
  };
  vm.runInContext(PRELUDE, context, { filename: "cmc-prelude.js" });
  run(`globalThis.__cmcGiven = ${JSON.stringify(JSON.stringify(given))}; ""`);
  const outcome = ask<{ opened: true }>(wrapped(script), -1);
  if (isProblem(outcome) || isTimedOut(outcome)) return outcome;
  return {
    describe: () => ask("__cmc.describe()"),
    columns: (stage, from, to) => ask(`__cmc.columns(${stage}, ${from}, ${to})`),
  };
}

/** Looked up once: every use of a global in a vm context costs an interceptor's call, which tripled the time of a million jobs. */
const GLOBALS =
  "JSON, Object, Number, String, Boolean, Array, Math, Map, Set, WeakMap, RegExp, Symbol, Date, Error, TypeError, parseInt, parseFloat, Reflect";

/** One function: the loop mark and the globals are its locals (parameters: a bundle's `var` of the same name is no clash). The script starts on line 2. */
function wrapped(script: string): string {
  return `((${GLOBALS}) => { let __cmcAt = -1; globalThis.__cmcLoop = () => __cmcAt; const module = { exports: {} }; const exports = module.exports; try {
${script}
return '{"opened":true}'; } catch (error) { return globalThis.__cmc ? globalThis.__cmc.problem(error) : JSON.stringify({ problem: { name: error?.name, message: String(error?.message), stack: String(error?.stack) } }); } })(${GLOBALS})`;
}

/** An error of the realm is not touched any further than its text. */
function hostError(error: unknown): Error {
  const { message, stack } = error as Error;
  return new Error(`evaluation: ${String(message)}`, { cause: String(stack) });
}
