// What scripts that test cmc share: the tests' TypeScript helpers as a module, and a copy of the build that a build meanwhile does not change.
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const ROOT = dirname(import.meta.dirname);

/** Exports of these files of the repository; packages stay outside. */
export async function bundled(name, files) {
  const outfile = join(ROOT, "node_modules", ".cache", `${name}-${process.pid}.mjs`);
  const contents = files.map((file) => `export * from "./${file}";`).join("\n");
  const stdin = { contents, resolveDir: ROOT };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "esm", packages: "external" });
  try {
    return await import(outfile);
  } finally {
    rmSync(outfile, { force: true });
  }
}

/** What an installed cmc consists of: its folder, and its program. */
export function installation(name) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `cmc-${name}-build-`)));
  for (const part of ["dist", "package.json"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return { folder, cli: join(folder, "dist", "cmc.mjs") };
}
