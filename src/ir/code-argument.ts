// Arguments that name a command's own code: a relative path declared under `code` stands for the file beside the campaign,
// because a job runs in its staging directory. Not a search path: only what is declared.
import type { CodeIR } from "./stage.ts";

/** Absolute path of a declared file; any other argument as it is. `resolve` joins a path to the campaign's folder. */
export function codeArgument(
  argument: string,
  code: Pick<CodeIR, "sources">,
  resolve: (path: string) => string,
): string {
  return code.sources.some((source) => source.path === argument) ? resolve(argument) : argument;
}
