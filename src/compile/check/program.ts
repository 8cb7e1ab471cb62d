// A TypeScript program for a campaign that may lie anywhere, with no tsconfig of its own: what "cmc" and npm names mean is decided here.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { installation } from "../installation.ts";

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  // No DOM and no Node: what a campaign cannot use while it is compiled has no type either. Also 200 ms and 55 MB less.
  lib: ["lib.es2022.d.ts"],
  types: [],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  noEmit: true,
  skipLibCheck: true,
};

/** Texts of modules instead of what is on disk, by absolute path. */
export type Texts = ReadonlyMap<string, string>;

/** `before`: a program of the same campaign; what is the same in both is taken from it. */
export function createProgram(
  file: string,
  texts: Texts = new Map(),
  before?: ts.Program,
): { readonly program: ts.Program; readonly consulted: readonly string[] } {
  const { root, types, nodeModules } = installation();
  const usesNode = reachesNode(file);
  const options: ts.CompilerOptions = {
    ...OPTIONS,
    ...(usesNode ? { types: ["node"], typeRoots: [join(nodeModules, "@types")] } : {}),
  };
  const host = ts.createCompilerHost(options, true);
  // A fifth of a cold compilation, for comments nobody reads.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  const consulted = new Set<string>();
  const { readFile } = host;
  host.readFile = (path) => {
    if (path.endsWith("/package.json")) consulted.add(path);
    return texts.get(path) ?? readFile(path);
  };
  if (before) {
    const { getSourceFile } = host;
    host.getSourceFile = (path, ...how) => {
      const known = before.getSourceFile(path);
      return known && (texts.get(path) ?? known.text) === known.text ? known : getSourceFile(path, ...how);
    };
  }
  const cache = ts.createModuleResolutionCache(dirname(file), (name) => name, options);
  host.resolveModuleNameLiterals = (literals, containing) =>
    literals.map(({ text }) => {
      if (text === "cmc")
        return {
          resolvedModule: {
            resolvedFileName: types,
            extension: types.endsWith(".d.ts") ? ts.Extension.Dts : ts.Extension.Ts,
            isExternalLibraryImport: false,
          },
        };
      const found = ts.resolveModuleName(text, containing, options, host, cache);
      // A campaign outside any package finds our own dependencies: the reference campaigns need no npm install.
      if (found.resolvedModule || text.startsWith(".") || text.startsWith("/")) return found;
      return ts.resolveModuleName(text, join(root, "package.json"), options, host, cache);
    });
  return { program: ts.createProgram([file], options, host, before), consulted: [...consulted] };
}

/** Scans imports, without a program: whether any module of the user's imports from node:. */
function reachesNode(file: string): boolean {
  const seen = new Set<string>();
  const open = [file];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path) || !existsSync(path)) continue;
    seen.add(path);
    for (const { fileName } of ts.preProcessFile(readFileSync(path, "utf8"), true, true).importedFiles) {
      if (fileName.startsWith("node:")) return true;
      if (fileName.startsWith(".")) open.push(join(dirname(path), fileName), join(dirname(path), `${fileName}.ts`));
    }
  }
  return false;
}
