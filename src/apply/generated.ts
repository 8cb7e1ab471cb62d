// Where bundles are rendered to: `generated/` of the project the campaign belongs to.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder above the campaign that looks like a project; the campaign's own folder where there is none. */
export function generatedFolder({ campaignDir }: { readonly campaignDir: string }): string {
  for (let folder = campaignDir; folder !== dirname(folder); folder = dirname(folder))
    if ([".git", "package.json", "tsconfig.json"].some((name) => existsSync(join(folder, name))))
      return join(folder, "generated");
  return join(campaignDir, "generated");
}
