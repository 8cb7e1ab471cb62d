// Which campaign is meant: a path, a name under campaigns/, or the only one in reach. Looks, does not read.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";

/** Absolute path of the campaign module. */
export function locateCampaign(cwd: string, argument: string | undefined): string {
  if (argument !== undefined) return named(cwd, argument);
  const own = join(cwd, "campaign.ts");
  if (existsSync(own)) return own;
  const found = campaignsBelow(cwd);
  if (found.length === 1) return found[0]!;
  const message =
    found.length === 0 ? `no campaign.ts in ${cwd} or in campaigns/*` : "more than one campaign is in reach";
  return fail({
    code: "cli/no-campaign",
    message,
    ...(found.length > 0
      ? {
          remedy: `Name one of: ${found.map((file) => file.slice(cwd.length + 1).replace(/\/campaign\.ts$/, "")).join(", ")}.`,
        }
      : {}),
  });
}

/** True: a command needs no name to know which campaign is meant. */
export function inReach(cwd: string): boolean {
  return existsSync(join(cwd, "campaign.ts")) || campaignsBelow(cwd).length === 1;
}

function named(cwd: string, argument: string): string {
  const candidates = [
    resolve(cwd, argument),
    resolve(cwd, argument, "campaign.ts"),
    join(cwd, "campaigns", argument, "campaign.ts"),
  ];
  const file = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  if (file) return file;
  return fail({
    code: "compile/not-found",
    message: `no campaign at ${argument}`,
    remedy: `Give the path of a campaign.ts, of its folder, or a name under campaigns/${known(cwd)}.`,
  });
}

function known(cwd: string): string {
  const names = campaignsBelow(cwd).map((file) => file.split("/").at(-2));
  return names.length > 0 ? ` (there: ${names.join(", ")})` : "";
}

function campaignsBelow(cwd: string): string[] {
  const folder = join(cwd, "campaigns");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name, "campaign.ts"))
    .filter((file) => existsSync(file));
}
