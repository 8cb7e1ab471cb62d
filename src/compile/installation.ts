// Where this installation of cmc lies: what "cmc" means to the checker and to the bundler. Finds files; loads nothing.
import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export interface Installation {
  readonly root: string;
  /** What `import "cmc"` means to the type checker. */
  readonly types: string;
  /** What `import "cmc"` means to an evaluation: the authoring API and the realm in one module, so that they share state. */
  readonly realm: string;
  /** What `import "cmc"` means to task code inside a bundle: the pure helpers. */
  readonly pure: string;
  readonly nodeModules: string;
  /** True for files that belong to cmc itself: never a position to show a user. */
  owns(file: string): boolean;
}

let found: Installation | undefined;

export function installation(): Installation {
  return (found ??= find(fileURLToPath(import.meta.url)));
}

/** Running from sources, sources are used, whatever an old dist/ holds; running from dist/, dist/ is used where it is complete. */
function find(here: string): Installation {
  const root = rootOf(dirname(here));
  const source = join(root, "src");
  const fromSource = here.startsWith(source + sep);
  const built = (name: string, fallback: string) => {
    const path = join(root, "dist", name);
    return !fromSource && existsSync(path) ? path : join(source, fallback);
  };
  const own = [source + sep, join(root, "dist") + sep];
  return {
    root,
    types: built("types/index.d.ts", "index.ts"),
    realm: built("realm.mjs", "compile/realm/entry.ts"),
    pure: built("pure.mjs", "compile/realm/pure.ts"),
    nodeModules: nodeModulesOf(root),
    owns: (file) => own.some((prefix) => file.startsWith(prefix)),
  };
}

function rootOf(folder: string): string {
  for (let dir = folder; dir !== dirname(dir); dir = dirname(dir))
    if (existsSync(join(dir, "package.json"))) return dir;
  throw new Error(`no package.json above ${folder}`);
}

/** Installed as a package, our dependencies may be hoisted beside us. */
function nodeModulesOf(root: string): string {
  for (let dir = root; dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join(dir, "node_modules");
    if (existsSync(join(candidate, "esbuild"))) return candidate;
  }
  return join(root, "node_modules");
}
