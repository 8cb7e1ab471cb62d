// How files that are not TypeScript become modules, the same for the build (esbuild) and the tests (vite):
// templates and site profiles are their text; `x.schema.json.validate` is a validator compiled ahead by ajv.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const TEXT = /\.(hbs|yaml|pl|py)$/;
const VALIDATOR = /\.schema\.json\.validate$/;

/** Source of an ES module whose default export is the validator of a JSON schema; needs nothing at run time. */
export async function compileSchema(file) {
  const [{ default: Ajv2020 }, { default: standalone }, esbuild] = await Promise.all([
    import("ajv/dist/2020.js"),
    import("ajv/dist/standalone/index.js"),
    import("esbuild"),
  ]);
  const ajv = new Ajv2020.default({
    allErrors: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allowUnionTypes: true,
    discriminator: true,
    code: { source: true, esm: true },
  });
  const schema = JSON.parse(readFileSync(file, "utf8"));
  for (const other of neighbours(file)) ajv.addSchema(other);
  const source = standalone.default(ajv, ajv.compile(schema));
  // ajv writes require() calls for its run-time helpers even in its ES mode: bundling removes them.
  const bundled = await esbuild.build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["main"],
    minifySyntax: true,
    write: false,
    logLevel: "silent",
  });
  return bundled.outputFiles[0].text;
}

/** Schemas in the same folder may refer to each other by $id. */
function neighbours(file) {
  const folder = dirname(file);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".schema.json") && join(folder, name) !== file)
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

/** For esbuild. Templates need no plugin: its text loader does the same. */
export const esbuildAssets = {
  name: "assets",
  setup(build) {
    build.onResolve({ filter: VALIDATOR }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      namespace: "validator",
    }));
    build.onLoad({ filter: VALIDATOR, namespace: "validator" }, async ({ path }) => ({
      contents: await compileSchema(path.replace(/\.validate$/, "")),
      loader: "js",
    }));
  },
};

export const esbuildLoaders = { ".hbs": "text", ".yaml": "text", ".pl": "text", ".py": "text" };

/** For vitest. */
export const viteAssets = {
  name: "assets",
  enforce: "pre",
  resolveId(source, importer) {
    return VALIDATOR.test(source) && importer ? resolve(dirname(importer), source) : undefined;
  },
  load(id) {
    if (TEXT.test(id)) return `export default ${JSON.stringify(readFileSync(id, "utf8"))};`;
    return VALIDATOR.test(id) ? compileSchema(id.replace(/\.validate$/, "")) : undefined;
  },
};
