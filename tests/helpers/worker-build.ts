// Builds the worker and its side chunks once per test process, into a folder outside the checkout (no node_modules in reach).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { esbuildLoaders } from "../../scripts/assets.mjs";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));
let built: Promise<string> | undefined;

/** Folder with worker.mjs and hdf5.mjs. */
export function workerFiles(): Promise<string> {
  return (built ??= buildInto(mkdtempSync(join(tmpdir(), "cmc-worker-"))));
}

/** The settings scripts/build.mjs is to use. */
export async function buildInto(outdir: string): Promise<string> {
  process.on("exit", () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    entryPoints: {
      worker: join(SRC, "worker/main.ts"),
      hdf5: join(SRC, "validators/hdf5/entry.ts"),
    },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    charset: "utf8",
    loader: esbuildLoaders as Record<string, "text">,
    minify: true,
    legalComments: "none",
    // h5wasm (emscripten) and ajv are CommonJS inside and call require.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  return outdir;
}
