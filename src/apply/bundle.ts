// A bundle on disk: collects its parts, renders it, writes it whole or not at all. Running it is not its business.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReadyCampaign } from "../compile/compile.ts";
import { fail } from "../diagnostics/diagnostic.ts";
import { sha256 } from "../ir/canonical.ts";
import { validateIR } from "../ir/schema/validate.ts";
import { ACTIONS, type Plan, REASONS } from "../plan/types.ts";
import { type Bundle, type BundleIndex, INDEX_FILE } from "../render/bundle.ts";
import { renderBundle } from "../render/render-bundle.ts";
import type { Site } from "../site/site.ts";
import { faultPoint } from "../state/fault.ts";
import { seedManifest } from "../state/manifest/seed.ts";
import { isAlive, thisProcess } from "../state/process-id.ts";
import { errno, refuseWrite } from "../state/write-error.ts";

export interface PublishedBundle {
  readonly dir: string;
  readonly digest: string;
  /** False: it was there, byte for byte. */
  readonly written: boolean;
}

/** `accept` throws where this is not the bundle that is wanted: nothing is written then. */
export async function publishBundle(
  campaign: ReadyCampaign,
  plan: Plan,
  site: Site,
  generatedDir: string,
  accept?: (digest: string) => void,
): Promise<PublishedBundle> {
  const bundle = await renderCampaign(campaign, plan, site);
  accept?.(bundle.digest);
  const dir = join(generatedDir, plan.table.campaign.name, bundle.digest);
  return { dir, digest: bundle.digest, written: writeBundle(bundle, dir) };
}

/** The bundle in memory. */
export async function renderCampaign(campaign: ReadyCampaign, plan: Plan, site: Site): Promise<Bundle> {
  const [manifest, stageModules] = await Promise.all([
    seedManifest(plan, { actions: ACTIONS, reasons: REASONS }),
    campaign.stageModules(),
  ]);
  await refuseInvalid(campaign);
  const hdf5 = distFile("hdf5.mjs");
  return renderBundle({
    plan,
    campaignDigest: campaign.digest,
    site,
    manifest,
    worker:
      distFile("worker.mjs") ??
      fail({ code: "apply/worker", message: "dist/worker.mjs is not there", remedy: "Run `npm run build`." }),
    ...(hdf5 ? { hdf5 } : {}),
    stageModules,
  });
}

/** A bundle outlives the cmc that wrote it: what it holds must be what its schema says. */
async function refuseInvalid({ ir }: ReadyCampaign): Promise<void> {
  const [problem] = await validateIR(ir);
  if (problem) throw new TypeError(`the campaign does not match its schema at ${problem.at}: ${problem.message}`);
}

/** Atomic: `dir` appears with all its files. Returns false when it is there already; throws `apply/bundle` when its files differ. */
export function writeBundle(bundle: Bundle, dir: string): boolean {
  if (existsSync(dir)) return verifyBundle(bundle, dir);
  const { pid, processStart, host } = thisProcess();
  const temporary = `${dir}.tmp-${pid}-${processStart}-${host}`;
  try {
    sweepHalfBundles(dirname(dir));
    for (const folder of new Set([...bundle.files.keys()].map(dirname)))
      mkdirSync(join(temporary, folder), { recursive: true });
    for (const [path, bytes] of bundle.files) writeFileSync(join(temporary, path), bytes);
    chmodSync(join(temporary, "submit.sh"), 0o755);
    faultPoint("apply/bundle-staged");
    renameSync(temporary, dir);
    return true;
  } catch (error) {
    discard(temporary);
    // Another cmc wrote the same bundle meanwhile.
    if (["ENOTEMPTY", "EEXIST"].includes(errno(error) ?? "")) return verifyBundle(bundle, dir);
    return refuseWrite(error, dir, "No bundle was written.");
  }
}

/** Those of processes that were killed while they wrote them. */
function sweepHalfBundles(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, pid, processStart, host] = /\.tmp-(\d+)-(\w+)-(.+)$/.exec(name) ?? [];
    if (host !== undefined && isAlive({ pid: Number(pid), processStart: processStart!, host }) === false)
      discard(join(folder, name));
  }
}

/** What cannot be removed must not hide why it could not be written. */
function discard(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // ENOTDIR: a parent is a file, so nothing was made.
  }
}

function verifyBundle(bundle: Bundle, dir: string): false {
  const differing = [...bundle.files]
    .filter(([path, bytes]) => !sameFile(join(dir, path), bytes))
    .map(([path]) => path);
  if (differing.length > 0) damaged(dir, differing);
  return false;
}

/** `metadata/bundle` leads to the bundle that was applied last. Replaced atomically. */
export function pointToBundle(root: string, dir: string): void {
  const link = join(root, "metadata", "bundle");
  const fresh = `${link}.${process.pid}.tmp`;
  try {
    rmSync(fresh, { force: true });
    symlinkSync(dir, fresh);
    renameSync(fresh, link);
  } catch (error) {
    refuseWrite(error, link);
  }
}

/** Checks a bundle folder against its own bundle.json; returns the index. */
export function readBundleIndex(dir: string): BundleIndex {
  const index = JSON.parse(readFileSync(join(dir, INDEX_FILE), "utf8")) as BundleIndex;
  const differing = Object.entries(index.files).filter(([path, { bytes, sha256: expected }]) => {
    const found = readIfThere(join(dir, path));
    return found?.byteLength !== bytes || sha256(found) !== expected;
  });
  if (differing.length > 0) damaged(dir, differing.map(([path]) => path)); // prettier-ignore
  return index;
}

function damaged(dir: string, paths: readonly string[]): never {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return fail({ code: "apply/bundle", message: `${dir}: ${paths.slice(0, 3).join(", ")}${more} missing or changed` });
}

function sameFile(path: string, bytes: Uint8Array): boolean {
  const found = readIfThere(path);
  return found !== undefined && Buffer.compare(found, bytes) === 0;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
}

function distFile(name: string): Uint8Array | undefined {
  const path = distPath(name);
  return path === undefined ? undefined : readIfThere(path);
}

/** Beside this module once built (dist/ or dist/chunks/), in dist/ when it runs from sources. */
export function distPath(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, "package.json"))) return join(folder, "dist", name);
  return undefined;
}
