// The campaign as one script for evaluation: esbuild's bundle of prepared modules, with the map back to the sources.
import { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { type Message, type Metafile, build } from "esbuild";
import { installation } from "../installation.ts";
import { type Edited, offsetAt } from "../source/edit.ts";
import type { Modules } from "../source/module.ts";
import { type Loop, prepareModule } from "../source/prepare.ts";
import { type TracedTask, type Untraceable, traceTasks } from "../source/trace.ts";

export interface EvaluationBundle {
  readonly script: string;
  readonly tasks: readonly TracedTask[];
  readonly loops: readonly Loop[];
  /** Every file esbuild read, absolute. */
  readonly inputs: readonly string[];
  /** Original place of a position in the script. */
  origin(line: number, column: number): { readonly file: string; readonly offset: number } | undefined;
}

export interface BundleFailure {
  readonly untraceable: readonly Untraceable[];
  readonly messages: readonly Message[];
  /** Original offset of a place esbuild named in an edited module. */
  original(file: string, line: number, column: number): number;
}

export async function bundleForEvaluation(entry: string, modules: Modules): Promise<EvaluationBundle | BundleFailure> {
  const { realm, nodeModules, owns } = installation();
  const folder = dirname(entry);
  const edited = new Map<string, Edited>();
  const tasks: TracedTask[] = [];
  const loops: Loop[] = [];
  const untraceable: Untraceable[] = [];
  const prepared = (path: string): string | undefined => {
    const source = modules.get(path);
    if (!source) return undefined;
    const traced = traceTasks(source);
    const numbered = traced.tasks.map((task, i) => ({ ...task, id: tasks.length + i }));
    tasks.push(...traced.tasks);
    untraceable.push(...traced.untraceable);
    const result = prepareModule(source, numbered, path === entry, loops);
    edited.set(path, result);
    return result.text;
  };
  const original = (file: string, line: number, column: number): number => {
    const edit = edited.get(file);
    if (!edit) return offsetAt(modules.get(file)?.text ?? "", line, column);
    return edit.original(offsetAt(edit.text, line, column));
  };
  try {
    const result = await build({
      stdin: { contents: `import { openRealm } from "cmc";\nimport * as campaign from ${JSON.stringify(entry)};\nopenRealm(campaign.default);`, resolveDir: folder, sourcefile: "cmc:open", loader: "js" },
      absWorkingDir: folder, outfile: join(folder, "cmc-evaluation.js"), write: false, bundle: true, format: "cjs", platform: "neutral",
      mainFields: ["module", "main"], conditions: ["import"], target: "es2022", metafile: true, sourcemap: "external", sourcesContent: false,
      supported: { "dynamic-import": false }, tsconfigRaw: {}, charset: "utf8", legalComments: "none", logLevel: "silent", nodePaths: [nodeModules],
      alias: { cmc: realm }, logOverride: { "direct-eval": "error", "unsupported-dynamic-import": "error" },
      plugins: [{
        name: "prepare",
        setup(setup) {
          setup.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "absent", sideEffects: false }));
          setup.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({ contents: absentModule(path), loader: "js" }));
          setup.onLoad({ filter: /\.[cm]?tsx?$/ }, ({ path }) => {
            if (owns(path) || path.includes("/node_modules/")) return undefined;
            const contents = prepared(path);
            return contents === undefined ? undefined : { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
          });
        },
      }],
    }); // prettier-ignore
    if (untraceable.length > 0) return { untraceable, messages: [], original };
    const script = result.outputFiles.find((file) => file.path.endsWith(".js"))!.text;
    const map = new SourceMap(
      JSON.parse(result.outputFiles.find((file) => file.path.endsWith(".map"))!.text) as ConstructorParameters<
        typeof SourceMap
      >[0],
    );
    const origin = (line: number, column: number) => {
      // Not findOrigin: it adds the distance from the segment's start, which is wrong where esbuild wrote something longer.
      const found = map.findEntry(line - 1, column - 1) as {
        originalSource?: string;
        originalLine?: number;
        originalColumn?: number;
      };
      if (found.originalSource === undefined) return undefined;
      const file = join(folder, found.originalSource);
      // Nobody is shown a place in cmc itself, and to find the offset there is to parse it.
      if (owns(file)) return undefined;
      return { file, offset: original(file, found.originalLine! + 1, found.originalColumn! + 1) };
    };
    return { script, tasks, loops, inputs: bundleInputs(result.metafile, folder), origin };
  } catch (error) {
    const messages = (error as { errors?: Message[] }).errors;
    if (!messages) throw error;
    return { untraceable, messages, original };
  }
}

/**
 * A module of Node's: may be imported, because a task in the same file may need it; whatever is taken from it is refused where it is used.
 * The trap sits in the prototype, where esbuild's interoperation of module kinds leaves it.
 */
function absentModule(path: string): string {
  return `module.exports = Object.create(new Proxy({}, { get(_, name) {
    if (typeof name === "symbol" || name === "__esModule" || name === "default") return undefined;
    const error = new Error(name + " of ${path} is not available while a campaign is compiled");
    throw Object.assign(error, { code: "compile/impure", remedy: "Use it in a task, or take files through a listing.", at: [] });
  } }));`;
}

export function bundleInputs(metafile: Metafile, folder: string): string[] {
  return Object.keys(metafile.inputs).filter((path) => !/^[a-z-]+:/.test(path)).map((path) => join(folder, path)); // prettier-ignore
}
