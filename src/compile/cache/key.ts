// Under which name a compilation is remembered: everything it depends on that is known before any file of the campaign is read.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256 } from "../../ir/canonical.ts";
import type { Json } from "../../ir/json.ts";
import { TOOL_VERSION } from "../../ir/version.ts";
import type { Outside } from "../given.ts";
import { installation } from "../installation.ts";
import { CACHE_FORMAT } from "./entry.ts";

export function cacheKey(file: string, { given }: Outside): string {
  const node = process.versions.node.split(".")[0]!;
  const parts = {
    file,
    given: given as unknown as Json,
    tool: TOOL_VERSION,
    format: CACHE_FORMAT,
    node,
    revision: revision(),
  };
  return sha256(canonicalJson(parts)).slice(0, 32);
}

/** Of cmc's own code. A release is told by its version; a checkout changes between two runs. */
function revision(): string {
  const { root, realm } = installation();
  const folders = realm.startsWith(join(root, "src"))
    ? ["src/author", "src/compile", "src/expand", "src/ir"]
    : ["dist"];
  let newest = 0;
  let count = 0;
  for (const folder of folders)
    for (const name of readdirSync(join(root, folder), { recursive: folder !== "dist" }) as string[]) {
      newest = Math.max(newest, statSync(join(root, folder, name)).mtimeMs);
      count += 1;
    }
  return `${newest}/${count}`;
}
