// Symbols of the plan and what they mean: the table of docs/reference/plan.md. In flight and complete jobs have none.
import type { Palette } from "../../diagnostics/palette.ts";
import type { Action } from "../../plan/types.ts";

interface Symbol {
  readonly mark: string;
  readonly means: string;
  readonly colour?: keyof Palette;
}

const QUIET: Symbol = { mark: "", means: "" };

export const SYMBOLS: Readonly<Record<Action, Symbol>> = {
  create: { mark: "+", means: "new", colour: "green" },
  rerun: { mark: "-/+", means: "rerun, outputs replaced", colour: "yellow" },
  retry: { mark: "~", means: "retry after failure", colour: "cyan" },
  adopt: { mark: "=", means: "adopt existing output", colour: "cyan" },
  block: { mark: "!", means: "blocked or held", colour: "red" },
  hold: { mark: "!", means: "blocked or held", colour: "red" },
  forget: { mark: ".", means: "forget; files kept", colour: "dim" },
  keep: QUIET,
  wait: QUIET,
};

export function paint(palette: Palette, action: Action, text: string): string {
  const { colour } = SYMBOLS[action];
  return colour ? palette[colour](text) : palette.dim(text);
}
