// The plan cache. A plan is a pure function of campaign, journals, disk and policy: equal digests of these give an equal summary,
// and a warm `cmc plan` prints it without touching a row. Losing, corrupting or not being able to write the cache costs time only.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256 } from "../ir/canonical.ts";
import type { Json } from "../ir/json.ts";
import { TOOL_VERSION } from "../ir/version.ts";
import type { Places } from "../observe/places.ts";
import type { PlanSummary } from "../plan/types.ts";

/** Raised when the form of what is kept, or the plan made of the same facts, changes within a tool version. */
const FORMAT = 5;
const SUMMARIES = { folder: "plans", entries: 64 } as const;
const PLACES = { folder: "places", entries: 8 } as const;

type Shelf = typeof SUMMARIES | typeof PLACES;

/** What a plan is made of, but for the disk. */
export interface PlanKeyBefore {
  readonly campaignDigest: string;
  /** Of journalFingerprint (state/). */
  readonly journal: string;
  readonly live: boolean;
  /** Planning options as data. */
  readonly policy: Json;
}

export interface PlanKey extends PlanKeyBefore {
  /** Listing digests of outputs and inputs (observe/). */
  readonly disk: string;
}

/** False: no plan is kept for this, whatever the disk holds. Known before anything is listed. */
export function mayBeKept(cacheDir: string | undefined, key: PlanKeyBefore): boolean {
  if (cacheDir === undefined) return false;
  const begin = prefix(key);
  try {
    return readdirSync(join(cacheDir, SUMMARIES.folder)).some((name) => name.startsWith(begin));
  } catch {
    return false;
  }
}

/** `cacheDir` undefined: always computed, nothing written. */
export async function planSummaryCached(
  cacheDir: string | undefined,
  key: PlanKey,
  compute: () => PlanSummary | Promise<PlanSummary>,
): Promise<{ readonly summary: PlanSummary; readonly fromCache: boolean }> {
  const name = `${prefix(key)}${sha256(key.disk)}`;
  const known = cacheDir && take<PlanSummary>(cacheDir, SUMMARIES, name);
  if (known) return { summary: known, fromCache: true };
  const summary = await compute();
  if (cacheDir) keep(cacheDir, SUMMARIES, name, summary);
  return { summary, fromCache: false };
}

function prefix({ campaignDigest, journal, live, policy }: PlanKeyBefore): string {
  return `${sha256(canonicalJson([FORMAT, TOOL_VERSION, campaignDigest, journal, live, policy]))}-`;
}

/** Where a campaign's inputs are expected, without its table: needed to start listing them before anything else. */
export function inputPlacesCached(
  cacheDir: string | undefined,
  campaignDigest: string,
  campaignDir: string,
  compute: () => Places,
): Places {
  const name = sha256(canonicalJson([FORMAT, TOOL_VERSION, campaignDigest, campaignDir]));
  const known = cacheDir && take<Places>(cacheDir, PLACES, name);
  if (known) return known;
  const places = compute();
  if (cacheDir) keep(cacheDir, PLACES, name, places);
  return places;
}

/** An entry is the sha256 of its body, a line break, and the body. Anything else is no entry. */
function take<T>(cacheDir: string, { folder }: Shelf, name: string): T | undefined {
  try {
    const text = readFileSync(join(cacheDir, folder, name), "utf8");
    const body = text.slice(65);
    return text[64] === "\n" && sha256(body) === text.slice(0, 64) ? (JSON.parse(body) as T) : undefined;
  } catch {
    return undefined;
  }
}

function keep(cacheDir: string, { folder, entries }: Shelf, name: string, value: object): void {
  const shelf = join(cacheDir, folder);
  try {
    mkdirSync(shelf, { recursive: true });
    const body = JSON.stringify(value);
    const fresh = join(shelf, `.${name}.${process.pid}`);
    writeFileSync(fresh, `${sha256(body)}\n${body}`);
    renameSync(fresh, join(shelf, name));
    trim(shelf, entries);
  } catch {
    // Read-only or full: the next plan is computed again.
  }
}

/** Oldest entries go first; half-written ones of dead processes are entries too. */
function trim(shelf: string, entries: number): void {
  const names = readdirSync(shelf);
  if (names.length <= entries) return;
  const aged = names.map((name) => ({
    name,
    at: statSync(join(shelf, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  aged.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  for (const { name } of aged.slice(0, names.length - entries)) rmSync(join(shelf, name), { force: true });
}
