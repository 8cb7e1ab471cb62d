// What git says of a campaign's folder: commit, branch, uncommitted changes. Asks git; changes nothing (no index refresh).
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface GitFacts {
  readonly commit?: string;
  readonly branch?: string;
  /** Paths with uncommitted changes below the campaign's folder, untracked ones included; relative to the repository. */
  readonly dirty: readonly string[];
  /** Those of them that git does not track. */
  readonly untracked: readonly string[];
  /** What was looked at. */
  readonly pathspec: readonly string[];
}

/** Undefined where git is missing or the folder is in no repository. `except`: absolute paths that are passed over, with all below them. */
export async function gitFacts(folder: string, except: readonly string[] = []): Promise<GitFacts | undefined> {
  const below = except.map((path) => relative(folder, path)).filter((path) => path !== "" && !/^\.\.(\/|$)/.test(path));
  const pathspec = [".", ...below.map((path) => `:(exclude,literal)${path}`)];
  let status: string;
  try {
    status = await git(
      folder,
      "status",
      "--porcelain=v2",
      "-z",
      "--branch",
      "--untracked-files=all",
      "--",
      ...pathspec,
    );
  } catch {
    return undefined;
  }
  const [dirty, untracked]: [string[], string[]] = [[], []];
  let [commit, branch]: (string | undefined)[] = [];
  const entries = status.split("\0");
  for (let entry = entries.shift(); entry !== undefined; entry = entries.shift()) {
    const [kind, ...rest] = entry.split(" ");
    if (kind === "#" && rest[0] === "branch.oid") commit = rest[1];
    if (kind === "#" && rest[0] === "branch.head") branch = rest[1];
    const before = FIELDS_BEFORE_PATH[kind!];
    if (before === undefined) continue;
    const path = rest.slice(before).join(" ");
    dirty.push(path);
    if (kind === "?") untracked.push(path);
    // A renamed entry is followed by where it was.
    if (kind === "2") entries.shift();
  }
  return {
    ...(commit && commit !== "(initial)" ? { commit } : {}),
    ...(branch ? { branch } : {}),
    dirty,
    untracked,
    pathspec,
  };
}

/** Of porcelain v2, after the letter: changed, renamed, unmerged, untracked. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { "1": 7, "2": 8, u: 9, "?": 0 };

/** sha256 of what differs from the commit: the difference of tracked files, and names and contents of untracked ones. Undefined when clean. */
export async function diffDigest(
  folder: string,
  { commit, dirty, untracked, pathspec }: GitFacts,
): Promise<string | undefined> {
  if (dirty.length === 0) return undefined;
  const digest = createHash("sha256").update(dirty.join("\0"));
  if (commit !== undefined)
    digest.update(await git(folder, "diff", "--no-ext-diff", "--binary", "HEAD", "--", ...pathspec));
  const top = await topLevel(folder);
  for (const path of commit === undefined ? dirty : untracked) await hashFile(join(top, path), digest);
  return digest.digest("hex");
}

/** Of the repository: where the paths of GitFacts begin. */
export async function topLevel(folder: string): Promise<string> {
  return (await git(folder, "rev-parse", "--show-toplevel")).slice(0, -1);
}

/** A repository inside the folder is untracked as a whole: its name must do. */
async function hashFile(path: string, digest: ReturnType<typeof createHash>): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink()) digest.update(readlinkSync(path));
  if (!stat?.isFile()) return;
  digest.update(`\0${stat.size}\0`);
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
}

/** Never takes the repository's locks: a read-only command must not rewrite the index. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  return (await run("git", ["--no-optional-locks", "-C", folder, ...args], { maxBuffer: 1 << 28 })).stdout;
}
