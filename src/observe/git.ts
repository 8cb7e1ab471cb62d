// What git says of a campaign's folder: commit, branch, uncommitted changes. Asks git; changes nothing (no index refresh).
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sha256 } from "../ir/canonical.ts";

const run = promisify(execFile);

export interface GitFacts {
  readonly commit?: string;
  readonly branch?: string;
  /** Paths with uncommitted changes below the campaign's folder, untracked ones included. */
  readonly dirty: readonly string[];
  /** sha256 of the uncommitted difference. Absent when clean. */
  readonly diffDigest?: string;
}

/** Undefined where git is missing or the folder is in no repository. */
export async function gitFacts(folder: string): Promise<GitFacts | undefined> {
  // --no-optional-locks: a read-only command must not rewrite the index.
  const git = async (...args: string[]) =>
    (await run("git", ["--no-optional-locks", "-C", folder, ...args], { maxBuffer: 1 << 28 })).stdout;
  let status: string;
  try {
    status = await git("status", "--porcelain=v2", "--branch", "--untracked-files=all", "--", ".");
  } catch {
    return undefined;
  }
  const lines = status.split("\n").filter((line) => line !== "");
  const header = (name: string) => lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3);
  const commit = header("branch.oid");
  const branch = header("branch.head");
  const dirty = lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => (line.startsWith("?") ? line.slice(2) : line.split(" ").slice(8).join(" ")));
  return {
    ...(commit && commit !== "(initial)" ? { commit } : {}),
    ...(branch ? { branch } : {}),
    dirty,
    ...(dirty.length > 0
      ? { diffDigest: sha256(dirty.join("\n") + (commit === "(initial)" ? "" : await git("diff", "HEAD", "--", "."))) }
      : {}),
  };
}
