// Finds a site profile by name (delivered with cmc) or path, follows `extends`, and returns the Site.
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import local from "../../templates/sites/local.yaml";
import perlmutter from "../../templates/sites/perlmutter.yaml";
import slurmGeneric from "../../templates/sites/slurm-generic.yaml";
import { fail } from "../diagnostics/diagnostic.ts";
import { parseProfile } from "./profile.ts";
import { type Site, type SiteDocument, siteFrom } from "./site.ts";

const DELIVERED: Readonly<Record<string, string>> = { local, perlmutter, "slurm-generic": slurmGeneric };

export const SITE_NAMES: readonly string[] = Object.keys(DELIVERED).sort();

/** @param nameOrPath a delivered name, or a YAML file relative to `cwd` */
export async function loadSite(nameOrPath: string, cwd: string): Promise<Site> {
  const document = await resolved(nameOrPath, cwd, cwd, []);
  return siteFrom(siteName(nameOrPath), document);
}

/** `sites/my-cluster.yaml` is the site my-cluster: paths never reach a bundle. */
function siteName(nameOrPath: string): string {
  return nameOrPath.replace(/^.*[/\\]/, "").replace(/\.ya?ml$/, "");
}

async function resolved(
  nameOrPath: string,
  folder: string,
  cwd: string,
  chain: readonly string[],
): Promise<SiteDocument> {
  const profile = read(nameOrPath, folder, cwd);
  if (chain.includes(profile.id))
    fail({
      code: "site/invalid",
      message: `${[...chain, profile.id].join(" extends ")}: a profile cannot extend itself`,
    });
  const document = await parseProfile(profile.id, profile.text);
  if (document.extends === undefined) return document;
  const base = await resolved(document.extends, profile.folder, cwd, [...chain, profile.id]);
  return merge(base, document) as SiteDocument;
}

function read(nameOrPath: string, folder: string, cwd: string): { id: string; text: string; folder: string } {
  const delivered = Object.hasOwn(DELIVERED, nameOrPath) ? DELIVERED[nameOrPath] : undefined;
  if (delivered !== undefined) return { id: `${nameOrPath} (delivered with cmc)`, text: delivered, folder };
  const path = isAbsolute(nameOrPath) ? nameOrPath : resolve(folder, nameOrPath);
  const shown = relative(cwd, path);
  const id = shown.startsWith("..") ? path : shown;
  try {
    return { id, text: readFileSync(path, "utf8"), folder: dirname(path) };
  } catch (error) {
    const known = `Delivered with cmc: ${SITE_NAMES.join(", ")}. Anything else is the path of a YAML file.`;
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    return fail({ code: "site/unknown", message: `no site profile '${nameOrPath}': ${why}`, remedy: known });
  }
}

/** Maps are merged field by field; lists and values are replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over === undefined ? base : over;
  const names = [...new Set([...Object.keys(base), ...Object.keys(over)])].filter((name) => name !== "extends");
  return Object.fromEntries(names.map((name) => [name, merge(base[name], over[name])]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
