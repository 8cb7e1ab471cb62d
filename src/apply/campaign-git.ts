// What git says of a campaign, leaving out what cmc itself writes beside it: bundles, campaign roots, saved plans. None of those is a change.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type GitFacts, gitFacts, topLevel } from "../observe/git.ts";
import { generatedFolder } from "./generated.ts";

export interface Placed {
  readonly campaignDir: string;
  readonly root: string;
}

/** `own`: more paths that are no changes. */
export async function campaignGit(placed: Placed, own: readonly string[] = []): Promise<GitFacts | undefined> {
  const { campaignDir, root } = placed;
  const facts = await gitFacts(campaignDir, [generatedFolder(placed), root, ...rootsBeside(root), ...own]);
  if (!facts || facts.untracked.length === 0) return facts;
  // A plan that finds nothing untracked does without: every millisecond of a warm one counts.
  const { isPlanFile } = await import("./plan-file.ts");
  const top = await topLevel(campaignDir);
  const plans = new Set(facts.untracked.filter((path) => isPlanFile(join(top, path))));
  const others = (paths: readonly string[]): string[] => paths.filter((path) => !plans.has(path));
  return { ...facts, dirty: others(facts.dirty), untracked: others(facts.untracked) };
}

/** Those of other versions and campaigns in the same folder. */
function rootsBeside(root: string): string[] {
  const folder = dirname(root);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true });
  const isRoot = (name: string): boolean =>
    ["journal", "metadata"].every((part) => existsSync(join(folder, name, part)));
  return names.filter((entry) => entry.isDirectory() && isRoot(entry.name)).map(({ name }) => join(folder, name));
}
