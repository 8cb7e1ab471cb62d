// A campaign with uncommitted changes: its results could not be traced to a commit. Refused unless it is asked for.
import { fail } from "../diagnostics/diagnostic.ts";
import { campaignGit, type Placed } from "../apply/campaign-git.ts";
import type { GitFacts } from "../observe/git.ts";

/** Throws apply/dirty. Undefined: the folder is in no repository. */
export async function refuseDirty(placed: Placed): Promise<void> {
  requireClean(await campaignGit(placed));
}

/** Throws apply/dirty. */
export function requireClean(git: GitFacts | undefined): void {
  const dirty = git?.dirty ?? [];
  if (dirty.length === 0) return;
  const named = dirty.slice(0, 3).join(", ") + (dirty.length > 3 ? ` and ${dirty.length - 3} more` : "");
  fail({ code: "apply/dirty", message: `the campaign has uncommitted changes: ${named}` });
}
