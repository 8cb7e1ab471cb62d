// The lock file of the project a campaign belongs to: which versions of packages its code was built with. Reads one file.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { sha256 } from "../ir/canonical.ts";

const NAMES = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock"];

/** The nearest one, not above the repository. Undefined: there is none. */
export function lockFileOf(folder: string): { readonly path: string; readonly sha256: string } | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const name = NAMES.find((candidate) => existsSync(join(at, candidate)));
    if (name !== undefined) {
      const file = join(at, name);
      return { path: relative(folder, file), sha256: sha256(readFileSync(file)) };
    }
    if (existsSync(join(at, ".git")) || at === dirname(at)) return undefined;
  }
}
