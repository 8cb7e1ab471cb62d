// From command-line options to a compiled campaign: the first step of every command that has a campaign.
import { resolve } from "node:path";
import { type Compiled, compile, type CompileRequest } from "../compile/compile.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import type { Context } from "./context.ts";
import { printDiagnostics } from "./json-output.ts";
import { locateCampaign } from "./locate.ts";

export interface CampaignOptions {
  readonly set?: readonly string[];
  readonly vars?: string;
  readonly base?: string;
  readonly json?: boolean;
  /** False with --no-cache. */
  readonly cache?: boolean;
}

export async function openCampaign(
  context: Context,
  argument: string | undefined,
  options: CampaignOptions,
): Promise<Compiled> {
  const compiled = await compile(compileRequest(context, argument, options));
  printDiagnostics(context, compiled.warnings, options.json);
  return compiled;
}

/** What the options ask to be compiled. */
export function compileRequest(
  context: Context,
  argument: string | undefined,
  options: CampaignOptions,
): CompileRequest {
  return {
    file: locateCampaign(context.cwd, argument),
    cwd: context.cwd,
    set: parseSet(options.set ?? []),
    env: context.env,
    ...(options.vars ? { varsFile: resolve(context.cwd, options.vars) } : {}),
    ...(options.base ? { base: resolve(context.cwd, options.base) } : {}),
    ...(options.cache === false ? { cacheDir: null } : {}),
  };
}

function parseSet(pairs: readonly string[]): Record<string, string> {
  const set: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1)
      fail({ code: "cli/usage", message: `--set ${pair} has no value`, remedy: "Write --set NAME=VALUE." });
    set[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return set;
}
