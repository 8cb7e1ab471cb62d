// A bundle in memory: files by path, and the index (bundle.json) that names each by its digest. Not how it is made or written.
import { canonicalJson, sha256 } from "../ir/canonical.ts";
import { TOOL_VERSION } from "../ir/version.ts";

/** Raised when a reader of version n would misread version n+1. */
export const BUNDLE_SCHEMA_VERSION = 1;

export interface Bundle {
  /** Of every file but bundle.json, 64 hex digits. Equal plans on equal sites have equal digests. */
  readonly digest: string;
  /** Relative paths with `/`, in sorted order; bundle.json is one of them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** bundle.json. */
export interface BundleIndex {
  readonly schemaVersion: typeof BUNDLE_SCHEMA_VERSION;
  readonly tool: string;
  readonly digest: string;
  readonly campaign: { readonly name: string; readonly version: string; readonly digest: string };
  readonly site: string;
  readonly jobs: number;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

export const INDEX_FILE = "bundle.json";

/** Puts the index on top of the files. */
export function sealBundle(
  contents: ReadonlyMap<string, Uint8Array>,
  about: Pick<BundleIndex, "campaign" | "site" | "jobs">,
): Bundle {
  const paths = [...contents.keys()].sort();
  const files: Record<string, { sha256: string; bytes: number }> = {};
  for (const path of paths) {
    const bytes = contents.get(path)!;
    files[path] = { sha256: sha256(bytes), bytes: bytes.byteLength };
  }
  const digest = sha256(paths.map((path) => `${path}\0${files[path]!.sha256}\n`).join(""));
  const index: BundleIndex = {
    schemaVersion: BUNDLE_SCHEMA_VERSION,
    tool: `cmc ${TOOL_VERSION}`,
    digest,
    ...about,
    files,
  };
  // One field a line: submit.sh reads the digest with sed, people read it with their eyes.
  const text = `${JSON.stringify(JSON.parse(canonicalJson(index as never)), null, 2)}\n`;
  const all = new Map([...contents, [INDEX_FILE, encode(text)] as const]);
  return { digest, files: new Map([...all.keys()].sort().map((path) => [path, all.get(path)!])) };
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
