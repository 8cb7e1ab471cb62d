// esbuild over task code: one entry per task. Two uses, one set of options: the modules of a bundle, and the text that is fingerprinted.
import { join } from "node:path";
import { type BuildOptions, type BuildResult, build } from "esbuild";
import { installation } from "../installation.ts";
import type { CodeEntry } from "./slice.ts";

/**
 * What `cmc` is while code is fingerprinted: names with fixed bodies. The code of cmc itself is in no fingerprint (an upgrade would
 * rerun everything); WORKER_ABI is. What exists only while a campaign is compiled leaves its mark, by which it is found and refused.
 */
export const COMPILE_ONLY = [
  "command",
  "defineCampaign",
  "defineStage",
  "dir",
  "echo",
  "file",
  "hdf5",
  "inputFile",
  "inputFiles",
  "json",
  "listing",
  "task",
  "variable",
] as const;
export const PURE_HELPERS = ["axis", "pad", "product", "seedFrom", "zip"] as const;
export const mark = (name: string) => `cmc: ${name} exists only while a campaign is compiled`;

const absent = (throws: boolean) =>
  COMPILE_ONLY.map(
    (name) =>
      `export /* @__NO_SIDE_EFFECTS__ */ function ${name}() { ${throws ? "throw new Error" : "return "}(${JSON.stringify(mark(name))}); }`,
  ).join("\n");
const fingerprintStub = () =>
  `${absent(false)}\n${PURE_HELPERS.map((name) => `export const ${name} = "cmc.${name}";`).join("\n")}`;
const bundleStub = () =>
  `${absent(true)}\nexport { ${PURE_HELPERS.join(", ")} } from ${JSON.stringify(installation().pure)};`;

/** `prepare`: another text for a module of the user's; undefined leaves it as it is. */
export function buildCode(
  entries: readonly CodeEntry[],
  folder: string,
  use: "fingerprint" | "bundle",
  prepare: (path: string) => string | undefined = () => undefined,
): Promise<BuildResult<{ metafile: true; write: false }>> {
  const options = {
    entryPoints: entries.map((_, i) => ({ in: `cmc-task:${i}`, out: `task-${i}` })),
    absWorkingDir: folder, outdir: join(folder, "cmc-code"), outExtension: { ".js": ".mjs" }, write: false, metafile: true,
    bundle: true, splitting: false, treeShaking: true, format: "esm", platform: "node", target: "node20", charset: "utf8", legalComments: "none",
    external: ["node:*", "canvas"], mainFields: ["module", "main"], conditions: ["import"], nodePaths: [installation().nodeModules],
    tsconfigRaw: {}, logLevel: "silent", minifySyntax: use === "bundle", minifyWhitespace: use === "bundle", minifyIdentifiers: false,
    ...(use === "bundle" ? { banner: { js: REQUIRE } } : {}),
    plugins: [{
      name: "cmc-code",
      setup(setup) {
        setup.onResolve({ filter: /^cmc$/ }, () => ({ path: use, namespace: "cmc-stub", sideEffects: false }));
        setup.onLoad({ filter: /.*/, namespace: "cmc-stub" }, () => ({ contents: use === "bundle" ? bundleStub() : fingerprintStub(), loader: "js", resolveDir: installation().root }));
        setup.onLoad({ filter: /\.[cm]?tsx?$/ }, ({ path }) => {
          const contents = path.includes("/node_modules/") ? undefined : prepare(path);
          return contents === undefined ? undefined : { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
        });
        setup.onResolve({ filter: /^cmc-task:/ }, ({ path }) => ({ path: path.slice(9), namespace: "cmc-task" }));
        setup.onLoad({ filter: /.*/, namespace: "cmc-task" }, ({ path }) => {
          const { contents, resolveDir } = entries[Number(path)]!;
          return { contents, resolveDir, loader: "ts" };
        });
      },
    }],
  } satisfies BuildOptions; // prettier-ignore
  return build(options) as Promise<BuildResult<{ metafile: true; write: false }>>;
}

/** CommonJS packages call `require` for Node's own modules, and for optional ones (vega's canvas) inside try. */
const REQUIRE = 'import{createRequire as __cmcRequire}from"node:module";const require=__cmcRequire(import.meta.url);';
