// The type checker over a campaign and all it reaches.
import { dirname } from "node:path";
import ts from "typescript";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { installation } from "../installation.ts";
import { explain } from "./explain.ts";
import { createProgram, type Texts } from "./program.ts";

export interface Checked {
  readonly program: ts.Program;
  /** Everything the program consists of but the language's own library: absolute paths, with the package.json files consulted. */
  readonly files: readonly string[];
  readonly problems: readonly Diagnostic[];
  /** Modules of the user's. */
  readonly modules: readonly ts.SourceFile[];
  /** What the problems were made of. */
  readonly found: readonly ts.Diagnostic[];
}

export function checkProgram(file: string, cwd: string, texts?: Texts, before?: ts.Program): Checked {
  const { program, consulted } = createProgram(file, texts, before);
  const mine = program
    .getSourceFiles()
    .filter(
      (source) =>
        !source.isDeclarationFile &&
        !program.isSourceFileFromExternalLibrary(source) &&
        !installation().owns(source.fileName) &&
        !source.fileName.includes("/node_modules/"),
    );
  const found = mine.flatMap((source) => {
    const syntactic = program.getSyntacticDiagnostics(source);
    return syntactic.length > 0 ? syntactic : program.getSemanticDiagnostics(source);
  });
  const library = dirname(ts.getDefaultLibFilePath({}));
  const files = program.getSourceFiles().map((source) => source.fileName).filter((name) => !name.startsWith(`${library}/lib.`)); // prettier-ignore
  return { program, files: [...files, ...consulted], problems: explain(found, program, cwd), modules: mine, found };
}
