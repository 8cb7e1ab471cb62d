// Builds dist/ in a few seconds: the command line, the worker, the HDF5 part, the evaluation realm and the types of "cmc".
// Files are replaced one by one by rename, so that a running cmc or test never sees half a build. It is no bundler of campaigns.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs"; // prettier-ignore
import { dirname, join, relative } from "node:path";
import { esbuildAssets, esbuildLoaders } from "./assets.mjs";
import { commonJs, writeTypescriptCache } from "./common-js.mjs";

const ROOT = dirname(import.meta.dirname);
const DIST = join(ROOT, "dist");
const STAMP = join(DIST, ".stamp");

/** Loaded from node_modules when a command needs them: bundling them would cost start-up time or break their own file look-ups. */
const HEAVY = ["typescript", "esbuild", "ts-morph", "handlebars", "ajv", "sql.js", "h5wasm", "vega", "vega-lite"];

/** CommonJS packages inside an ES bundle call require("node:...") at run time. */
const REQUIRE =
  'import { createRequire as cmcRequire } from "node:module"; const require = cmcRequire(import.meta.url);';

const common = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  charset: "utf8",
  write: false,
  metafile: true,
  logLevel: "silent",
  loader: esbuildLoaders,
  plugins: [esbuildAssets],
  absWorkingDir: ROOT,
  // yaml for Node is CommonJS, of which esbuild gives a dynamic import nothing but `default`.
  alias: { cmc: "./src/index.ts", yaml: "./node_modules/yaml/browser/index.js" },
  banner: { js: REQUIRE },
  legalComments: "none",
};

const TARGETS = [
  {
    name: "cmc",
    entry: "src/cli/main.ts",
    // Names stay, for stack traces; without white space Node parses 3 ms less.
    options: {
      minifySyntax: true,
      minifyWhitespace: true,
      splitting: true,
      outdir: "dist",
      chunkNames: "chunks/[name]-[hash]",
      external: HEAVY,
      plugins: [esbuildAssets, commonJs],
    },
  },
  { name: "worker", entry: "src/worker/main.ts", options: { external: ["./hdf5.mjs"], minify: true } },
  { name: "hdf5", entry: "src/validators/hdf5/entry.ts", options: { minify: true } },
  { name: "realm", entry: "src/compile/realm/entry.ts", options: { platform: "neutral", banner: {} } },
  { name: "pure", entry: "src/compile/realm/pure.ts", options: { platform: "neutral", banner: {} } },
  { name: "author", entry: "src/index.ts", options: {} },
];

/** Everything a build reads. */
function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const time = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (time > newest) newest = time;
  }
  return newest;
}

export function isFresh() {
  if (!existsSync(STAMP)) return false;
  const built = statSync(STAMP).mtimeMs;
  const inputs = ["src", "templates", "scripts"].map((folder) => newestSource(join(ROOT, folder)));
  return Math.max(...inputs, statSync(join(ROOT, "package.json")).mtimeMs) < built;
}

function replaceFile(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && Buffer.compare(readFileSync(path), Buffer.from(bytes)) === 0) return;
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}

/** @returns {Promise<{ name: string; note?: string; failed?: boolean }>} */
async function bundle(esbuild, { name, entry, options }) {
  if (!existsSync(join(ROOT, entry))) return { name, note: `skipped: there is no ${entry}` };
  try {
    const output = options.splitting ? {} : { outfile: `dist/${name}.mjs` };
    const result = await esbuild.build({
      ...common,
      entryPoints: [{ in: entry, out: name }],
      outExtension: options.splitting ? { ".js": ".mjs" } : {},
      ...output,
      ...options,
      ...(options.splitting ? {} : { entryPoints: [entry] }),
    });
    for (const file of result.outputFiles) replaceFile(file.path, file.contents);
    if (options.splitting) dropOldChunks(new Set(result.outputFiles.map((file) => file.path)));
    return { name };
  } catch (error) {
    const text = await esbuild.formatMessages(error.errors ?? [{ text: String(error) }], { kind: "error" });
    return { name, failed: true, note: text.join("") };
  }
}

/** A cmc that is running may still load its chunks: they go after an hour. */
function dropOldChunks(current) {
  const folder = join(DIST, "chunks");
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    if (!current.has(path) && Date.now() - statSync(path).mtimeMs > 3_600_000) unlinkSync(path);
  }
}

/** dist/types: what campaigns are checked against. Not checked here (`npm run check` does): 4 times faster. */
async function types() {
  const { default: ts } = await import("typescript");
  const entry = join(ROOT, "src/index.ts");
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    strict: true,
    noCheck: true,
    skipLibCheck: true,
    types: [],
    lib: ["lib.es2023.d.ts"],
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(ROOT, "src"),
    outDir: join(DIST, "types"),
  });
  const { emitSkipped } = program.emit(undefined, (file, text) => replaceFile(file, text));
  return { name: "types", failed: emitSkipped };
}

function executable() {
  const path = join(DIST, "cmc.mjs");
  if (!existsSync(path)) return;
  const text = readFileSync(path, "utf8");
  if (!text.startsWith("#!")) replaceFile(path, `#!/usr/bin/env node\n${text}`);
  chmodSync(path, 0o755);
}

/** @returns {Promise<boolean>} whether everything that exists was built */
export async function build({ quiet = false } = {}) {
  const start = performance.now();
  mkdirSync(DIST, { recursive: true });
  const stamp = new Date();
  const esbuild = await import("esbuild");
  const results = await Promise.all([...TARGETS.map((target) => bundle(esbuild, target)), types()]);
  executable();
  writeTypescriptCache(DIST, join(ROOT, "src/author/axis.ts"));
  for (const { name, note, failed } of results)
    if (note && !quiet) console.error(`build ${name}: ${failed ? "FAILED\n" : ""}${note ?? ""}`);
  const ok = results.every((result) => !result.failed);
  if (ok) writeFileSync(STAMP, `${stamp.toISOString()}\n`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (!quiet)
    console.error(`${relative(process.cwd(), DIST) || "dist"}: ${ok ? "built" : "NOT built"} in ${seconds} s`);
  return ok;
}

if (import.meta.filename === process.argv[1]) {
  const onlyIfStale = process.argv.includes("--if-stale");
  if (!(onlyIfStale && isFresh())) process.exitCode = (await build()) ? 0 : 1;
}
