// Where generate_single_mock.py is: above the production, then it is the stage's code; else in a checkout that a campaign variable names.
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const GENERATOR = "scripts/generate_single_mock.py";

export interface Script {
  /** Relative to the module's folder, or to the repository. */
  readonly path: string;
  /** It was found, so that a change of it reruns. */
  readonly found: boolean;
}

/** `module`: folder of campaign.ts. */
export function scriptFor(production: string, module: string): Script {
  for (let folder = dirname(production); ; folder = dirname(folder)) {
    const file = join(folder, GENERATOR);
    if (existsSync(file)) return { path: relative(module, file), found: true };
    if (folder === dirname(folder)) return { path: GENERATOR, found: false };
  }
}
