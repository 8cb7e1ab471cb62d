// How dist/cmc.mjs loads the CommonJS packages that stay outside the bundle. An ES import of one makes Node compile it twice, to find
// out its kind and the names it exports: 0.3 s for typescript. require just loads it; typescript also from V8's code cache.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFile, loadTypescript } from "./typescript.mjs";

const LOADER = join(import.meta.dirname, "typescript.mjs");

/** For esbuild. */
export const commonJs = {
  name: "common-js",
  setup({ onResolve, onLoad }) {
    const filter = /^(typescript|esbuild|handlebars|sql\.js\/.+)$/;
    onResolve({ filter }, ({ path, kind }) =>
      kind === "require-call" ? { path, external: true } : { path, namespace: "common-js" },
    );
    onLoad({ filter, namespace: "common-js" }, ({ path }) => ({
      // Chunks lie in a folder of dist/.
      contents:
        path === "typescript"
          ? `import { fileURLToPath } from "node:url";
             import { loadTypescript } from ${JSON.stringify(LOADER)};
             export default loadTypescript(fileURLToPath(new URL("../", import.meta.url))).ts;`
          : `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: import.meta.dirname,
    }));
  },
};

/** Leaves the code cache in `folder`: of what is compiled once `file` has been checked. */
export function writeTypescriptCache(folder, file) {
  const cache = cacheFile(folder);
  if (existsSync(cache)) return;
  const { ts, script } = loadTypescript(folder);
  const program = ts.createProgram([file], { target: ts.ScriptTarget.ES2022, strict: true, noEmit: true, types: [] });
  program.getSemanticDiagnostics(program.getSourceFile(file));
  const temporary = `${cache}.${process.pid}.tmp`;
  writeFileSync(temporary, script.createCachedData());
  renameSync(temporary, cache);
}
