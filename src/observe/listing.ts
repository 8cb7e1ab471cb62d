// Listings: what lies in the campaign root, and where external inputs are expected. Started first, finished when needed;
// between the two this process is free. An equal digest means that nothing changed.
import { existsSync } from "node:fs";
import { hash } from "node:crypto";
import { fail } from "../diagnostics/diagnostic.ts";
import { type Found, QUIET_FOLDERS, RECORD, type Search, startFind } from "./find.ts";
import type { Places } from "./places.ts";
import { countFolders, linksOf, Records } from "./records.ts";
import { type Disk, walk } from "./walk.ts";

/** Folders of the campaign root that cmc keeps for itself. */
export const RESERVED = ["metadata", "journal", "claims", "staging", "logs"] as const;

export interface Listing {
  /** Of the raw records. Their order is that of the folders on disk: if it moves without need, a cached plan is made again. */
  readonly digest: string;
  readonly records: Records;
  /** Folders read. */
  readonly folders: number;
}

export interface PendingListing {
  /** Throws observe/unreadable. Call it once. */
  finish(): Promise<Listing>;
}

export interface ListingOptions {
  /** False: never spawn find. */
  readonly find?: boolean;
  readonly disk?: Disk;
}

/** Every file below the campaign root, links followed, without the folders cmc keeps for itself. */
export function startOutputListing(root: string, { find = true, disk }: ListingOptions = {}): PendingListing {
  if (!existsSync(root)) return { finish: () => Promise.resolve(listing([])) };
  const prune = RESERVED.flatMap((folder, i) => [...(i > 0 ? ["-o"] : []), "-path", `./${folder}`]);
  const search = find
    ? startFind([".", "-mindepth", "1", "(", ...prune, ")", "-prune", "-o", ...QUIET_FOLDERS], root)
    : undefined;
  const skip = new Set(RESERVED.map((folder) => `./${folder}`));
  return {
    async finish() {
      const found =
        (await search?.finish()) ??
        walk({ base: root, starts: ["."], skip, depth: Infinity, follow: false, quietFolders: true }, disk);
      const links = linksOf(found.records);
      const beyond =
        links.length > 0
          ? [walk({ base: root, starts: links, skip, depth: Infinity, follow: true, quietFolders: true }, disk)]
          : [];
      return listing([readable(found, root), ...beyond.map((more) => readable(more, root))]);
    },
  };
}

/** The folders and files of `places`; no deeper. Links count as what they lead to. */
export function startInputListing(places: Places, { find = true, disk }: ListingOptions = {}): PendingListing {
  const starts = [...places.folders, ...places.files];
  const searches = find
    ? chunksOf(starts).map((chunk): Search => startFind(["-L", ...chunk, "-maxdepth", "1", ...RECORD], "/"))
    : [];
  return {
    async finish() {
      const finished = await Promise.all(searches.map((search) => search.finish()));
      const all = finished.every((found) => found !== undefined);
      const found =
        find && all
          ? finished
          : [walk({ base: "/", starts, skip: new Set(), depth: 1, follow: true, quietFolders: false }, disk)];
      return { ...listing(found.map((one) => readable(one, "inputs"))), folders: places.folders.length };
    },
  };
}

function listing(found: readonly Found[]): Listing {
  // A record without a path between the parts: what is beyond a link is not below the folder that was listed last.
  const records = Buffer.concat(found.flatMap((one, i) => (i > 0 ? [SEPARATOR, one.records] : [one.records])));
  return { digest: hash("sha256", records, "hex"), records: new Records(records), folders: countFolders(records) };
}

const SEPARATOR = Buffer.from("o0 0 \0");

function readable(found: Found, where: string): Found {
  const { unreadable } = found;
  if (unreadable.length === 0) return found;
  const more = unreadable.length > 3 ? ` and ${unreadable.length - 3} more` : "";
  return fail({ code: "observe/unreadable", message: `in ${where}: ${unreadable.slice(0, 3).join(", ")}${more}` });
}

/** A command line holds 2 MB on Linux, less elsewhere. */
const CHUNK_BYTES = 200_000;

function chunksOf(paths: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const path of paths) {
    const bytes = Buffer.byteLength(path) + 9;
    if (bytes > room) {
      chunks.push([]);
      room = CHUNK_BYTES;
    }
    chunks.at(-1)!.push(path);
    room -= bytes;
  }
  return chunks;
}
