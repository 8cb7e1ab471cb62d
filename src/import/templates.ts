// `extends`: a production and the templates below it, the most special first. Every file is checked; a missing one or a circle is refused.
import { dirname, resolve } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics/diagnostic.ts";
import { checkFile } from "./check.ts";
import { readYaml, type YamlFile } from "./yaml-file.ts";

export async function withTemplates(production: YamlFile, cwd: string): Promise<readonly YamlFile[]> {
  const chain = [production];
  const faults: Diagnostic[] = [];
  for (let file: YamlFile | undefined = production; file;) {
    faults.push(...(await checkFile(file, "production")));
    const base = (file.value as { extends?: unknown } | null)?.extends;
    if (typeof base !== "string" || base === "") break;
    const span = file.span(["extends"]);
    const path = resolve(dirname(file.path), base);
    if (chain.some((below) => below.path === path))
      fail({
        code: "import/cycle",
        message: `${[...chain.map(({ name }) => name), base].join(" extends ")}: a production cannot extend itself`,
        span,
      });
    file = await readYaml(path, cwd, { what: "the template", span });
    chain.push(file);
  }
  if (faults.length > 0) throw new DiagnosticError(faults);
  return chain;
}
