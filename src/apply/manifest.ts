// When metadata/campaign.db is written: after every apply, and where an earlier one was killed before it could.
import { statSync } from "node:fs";
import { join } from "node:path";
import type { JobTable } from "../expand/table.ts";
import { inForce } from "../plan/in-force.ts";
import { MANIFEST_FILE, writeManifest } from "../state/manifest/manifest.ts";
import { journalFiles } from "../state/read-journal.ts";
import type { State } from "../state/reduce.ts";

export async function refreshManifest(
  root: string,
  table: JobTable,
  state: State,
  when: "always" | "if-stale",
): Promise<void> {
  if (when === "if-stale" && !isStale(root)) return;
  await writeManifest(root, inForce(table, state), state);
}

/** Absent, or older than the newest journal. */
function isStale(root: string): boolean {
  const manifest = statSync(join(root, MANIFEST_FILE), { throwIfNoEntry: false });
  const journals = journalFiles(root);
  if (!manifest) return journals.length > 0;
  return journals.some((file) => statSync(file).mtimeMs > manifest.mtimeMs);
}
