// Symbols of the plan and what they mean: the table of docs/reference/plan.md. In flight and complete jobs have none.
import type { Palette } from "../../diagnostics/palette.ts";
import type { Action, Reason } from "../../plan/types.ts";

interface Symbol {
  readonly mark: string;
  readonly means: string;
  readonly colour?: keyof Palette;
}

/** `warn`: kept, and something changed that the stage wants to be told of. */
export type Mark = Action | "warn";

export function markOf(action: Action, reason: Reason): Mark {
  return action === "keep" && reason !== "completed" ? "warn" : action;
}

const QUIET: Symbol = { mark: "", means: "" };

export const SYMBOLS: Readonly<Record<Mark, Symbol>> = {
  create: { mark: "+", means: "new", colour: "green" },
  rerun: { mark: "-/+", means: "rerun, outputs replaced", colour: "yellow" },
  retry: { mark: "~", means: "retry after failure", colour: "cyan" },
  adopt: { mark: "=", means: "adopt existing output", colour: "cyan" },
  move: { mark: "->", means: "moved, outputs kept", colour: "cyan" },
  block: { mark: "!", means: "blocked or held", colour: "red" },
  hold: { mark: "!", means: "blocked or held", colour: "red" },
  forget: { mark: ".", means: "forget; files kept", colour: "dim" },
  warn: { mark: "?", means: "kept although it changed, as the stage says", colour: "yellow" },
  keep: QUIET,
  wait: QUIET,
};

export function paint(palette: Palette, mark: Mark, text: string): string {
  const { colour } = SYMBOLS[mark];
  return colour ? palette[colour](text) : palette.dim(text);
}
