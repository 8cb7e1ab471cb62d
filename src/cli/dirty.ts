// A campaign with uncommitted changes: its results could not be traced to a commit. Refused unless it is asked for.
import { fail } from "../diagnostics/diagnostic.ts";
import { campaignGit, type Placed } from "../apply/campaign-git.ts";
import type { GitRecord } from "../state/apply-facts.ts";

/** Throws apply/dirty. A folder in no repository has no changes. */
export async function refuseDirty(placed: Placed): Promise<void> {
  const { dirty = [] } = (await campaignGit(placed)) ?? {};
  requireClean({ dirty, changes: dirty.length });
}

/** Throws apply/dirty. */
export function requireClean({ dirty, changes }: Pick<GitRecord, "dirty" | "changes">): void {
  if (changes === 0) return;
  const named = dirty.slice(0, 3).join(", ") + (changes > 3 ? ` and ${changes - 3} more` : "");
  fail({ code: "apply/dirty", message: `the campaign has uncommitted changes: ${named}` });
}
