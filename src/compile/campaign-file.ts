// Which module is the campaign: a path to it, or to the folder that holds campaign.ts.
import { realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";

/** Absolute, links resolved: both the checker and the bundler name files by their real paths. */
export function campaignFile(named: string, cwd: string): string {
  const path = resolve(cwd, named);
  const stat = statSync(path, { throwIfNoEntry: false });
  const file = stat?.isDirectory() ? join(path, "campaign.ts") : path;
  const found = stat?.isDirectory() ? statSync(file, { throwIfNoEntry: false }) : stat;
  if (!found?.isFile())
    fail({
      code: "compile/not-found",
      message: stat?.isDirectory() ? `${named} holds no campaign.ts` : `${named} does not exist`,
    });
  if (!/\.[cm]?ts$/.test(file)) fail({ code: "compile/not-found", message: `${named} is no TypeScript module` });
  return realpathSync(file);
}
