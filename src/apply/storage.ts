// Whether compute nodes see a folder, as far as the site says which file systems they share.
import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { fail } from "../diagnostics/diagnostic.ts";
import type { Site } from "../site/site.ts";

/** Throws site/storage: outputs under such a root would be written where nobody finds them. */
export function requireShared({ name, storageRoots }: Site, root: string): void {
  if (storageRoots.length === 0 || storageRoots.some((one) => isBelow(root, one))) return;
  fail({
    code: "site/storage",
    message: `${root} is not below ${storageRoots.join(", ")}: compute nodes of ${name} do not see it`,
  });
}

/** What does not exist yet is judged by the nearest folder that does: links are followed. */
export function isBelow(path: string, root: string): boolean {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const [real, base] = [realpathSync(there), existsSync(root) ? realpathSync(root) : root];
  return real === base || `${real}/`.startsWith(`${base}/`) || `${path}/`.startsWith(`${root}/`);
}
