// The code of a command: the content of the files it declares. Its argument vector is a parameter, its program's own version an environment fact.
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { CodeIR } from "../../ir/stage.ts";
import { digest128 } from "../../ir/canonical.ts";
import { WORKER_ABI } from "../../ir/version.ts";
import type { StageDraft } from "../definition/stage.ts";
import type { Locator } from "../source/locator.ts";

export interface CommandCodes {
  readonly codes: ReadonlyMap<string, CodeIR>;
  readonly inputs: readonly string[];
  readonly problems: readonly Diagnostic[];
}

export function commandCode(
  stages: readonly (StageDraft & { readonly stack: string })[],
  folder: string,
  find: Locator,
): CommandCodes {
  const codes = new Map<string, CodeIR>();
  const inputs: string[] = [];
  const problems: Diagnostic[] = [];
  for (const stage of stages) {
    if (stage.run.kind !== "command") continue;
    const sources = [...new Set(stage.codeFiles)].sort().flatMap((path) => {
      const file = resolve(folder, path);
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
        const span = find.locate(stage.stack, ["run", "code"]);
        problems.push({
          code: "compile/code-missing",
          severity: "error",
          message: `stage ${stage.name} declares ${path} as code, and there is no such file`,
          ...(span ? { span } : {}),
        });
        return [];
      }
      inputs.push(file);
      return [{ path, digest: digest128(readFileSync(file)) }];
    });
    codes.set(stage.name, {
      digest: digest128(`${WORKER_ABI}\n${sources.map(({ path, digest }) => `${path} ${digest}`).join("\n")}`),
      sources,
    });
  }
  return { codes, inputs, problems };
}
