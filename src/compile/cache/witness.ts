// Witnesses: what a compilation was computed from, in a form that can be compared with the disk in a few milliseconds.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { sha256 } from "../../ir/canonical.ts";
import { takeListing } from "../given.ts";
import { installation } from "../installation.ts";

export interface Witness {
  /** The user's own files, by content. */
  readonly contents: readonly (readonly [path: string, sha256: string])[];
  /** Files of packages and of cmc, by size and time: they are many, and a reinstallation is reason enough to look again. */
  readonly stats: readonly (readonly [path: string, size: number, mtime: number])[];
  /** Folders modules were imported from: a new file in one may change what an import means. Names of modules only. */
  readonly folders: readonly (readonly [path: string, names: string])[];
  /** Places above the campaign where a node_modules would change what npm names mean. */
  readonly absent: readonly string[];
  readonly listings: readonly (readonly [root: string, pattern: string, digest: string])[];
}

export function witness(
  files: readonly string[],
  campaignDir: string,
  listings: readonly { readonly root: string; readonly pattern: string; readonly paths: readonly string[] }[],
): Witness {
  const { owns, nodeModules } = installation();
  const foreign = (path: string) => owns(path) || path.includes("/node_modules/");
  const own = files.filter((path) => !foreign(path));
  const packages = [
    ...files.filter(foreign),
    join(nodeModules, "typescript/package.json"),
    join(nodeModules, "esbuild/package.json"),
  ];
  const above: string[] = [];
  for (let dir = campaignDir; ; dir = dirname(dir)) {
    above.push(join(dir, "node_modules"));
    if (dir === dirname(dir)) break;
  }
  return {
    contents: own.flatMap((path) => { const digest = contentOf(path); return digest === undefined ? [] : [[path, digest] as const]; }),
    stats: packages.flatMap((path) => { const stat = statSync(path, { throwIfNoEntry: false }); return stat ? [[path, stat.size, stat.mtimeMs] as const] : []; }),
    folders: [...new Set([campaignDir, ...own.map((path) => dirname(path))])].sort().map((path) => [path, moduleNames(path)] as const),
    absent: above.filter((path) => !existsSync(path)),
    listings: listings.map(({ root, pattern, paths }) => [root, pattern, sha256(paths.join("\n"))] as const),
  }; // prettier-ignore
}

/** The part of a witness that is the user's own: a saved plan keeps it. */
export type Sources = Pick<Witness, "contents" | "listings">;

export function sourcesOf({ contents, listings }: Witness): Sources {
  return { contents, listings };
}

/** Absolute paths of files and listed folders that are on this machine and are not what they were. */
export function changedSources({ contents, listings }: Sources): string[] {
  const there = (path: string, now: string | undefined, digest: string) => now !== undefined && now !== digest ? [path] : []; // prettier-ignore
  return [
    ...contents.flatMap(([path, digest]) => there(path, contentOf(path), digest)),
    ...listings.flatMap(([root, pattern, digest]) => there(root, listingOf(root, pattern), digest)),
  ];
}

/** True when nothing has changed. Cheapest tests first. */
export function holds(known: Witness): boolean {
  return (
    known.stats.every(([path, size, mtime]) => { const stat = statSync(path, { throwIfNoEntry: false }); return stat !== undefined && stat.size === size && stat.mtimeMs === mtime; }) &&
    known.absent.every((path) => !existsSync(path)) &&
    known.contents.every(([path, digest]) => contentOf(path) === digest) &&
    known.folders.every(([path, names]) => moduleNames(path) === names) &&
    known.listings.every(([root, pattern, digest]) => listingOf(root, pattern) === digest)
  ); // prettier-ignore
}

function listingOf(root: string, pattern: string): string | undefined {
  const paths = takeListing({ name: "", root: resolve(root), pattern }, root);
  return paths && sha256(paths.join("\n"));
}

function contentOf(path: string): string | undefined {
  try {
    return sha256(readFileSync(path));
  } catch {
    return undefined;
  }
}

function moduleNames(folder: string): string {
  try {
    const names = readdirSync(folder).filter((name) => /\.[cm]?[jt]sx?$|^package\.json$/.test(name));
    return sha256(names.sort().join("\n"));
  } catch {
    return "";
  }
}
