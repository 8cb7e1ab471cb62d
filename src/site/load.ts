// Finds a site profile by name (delivered with cmc) or path, follows `extends`, and returns the Site and who said what of it.
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import local from "../../templates/sites/local.yaml";
import perlmutter from "../../templates/sites/perlmutter.yaml";
import slurmGeneric from "../../templates/sites/slurm-generic.yaml";
import { DiagnosticError, fail, type Span } from "../diagnostics/diagnostic.ts";
import { siteFaults } from "./checks.ts";
import { defaultsFor, type SiteDocument, siteFrom } from "./document.ts";
import { invalid, parseProfile, type Path, type Profile } from "./profile.ts";
import schema from "./site.schema.json";
import type { Site } from "./site.ts";

const DELIVERED: Readonly<Record<string, string>> = { local, perlmutter, "slurm-generic": slurmGeneric };

export const SITE_NAMES: readonly string[] = Object.keys(DELIVERED).sort();

/** @param nameOrPath a delivered name, or a YAML file relative to `cwd` */
export async function loadSite(nameOrPath: string, cwd: string): Promise<Site> {
  return (await explainSite(nameOrPath, cwd)).site;
}

export interface SiteField {
  readonly path: Path;
  readonly value: unknown;
  /** Of the profile that said it last. Absent: cmc's default. */
  readonly said?: Span;
}

/** The site and every field of its profile, in the profiles' words. */
export async function explainSite(
  nameOrPath: string,
  cwd: string,
): Promise<{ site: Site; fields: readonly SiteField[] }> {
  const profiles = await chainOf(nameOrPath, cwd, cwd, []);
  const document = profiles.reduce<unknown>((base, { document }) => merge(base, document), {}) as SiteDocument;
  const site = siteFrom(siteName(nameOrPath), document);
  const spanOf = (path: Path) => profiles.findLast((profile) => profile.span(path))?.span(path);
  // A lane's pool may take what is at fault from the site's.
  const near = (path: Path): Span | undefined =>
    spanOf(path) ?? (path.length > 0 ? near(path.slice(0, -1)) : undefined);
  const faults = siteFaults(site);
  if (faults.length > 0) throw new DiagnosticError(faults.map(({ path, message }) => invalid(message, near(path))));
  const fields = leaves(merge(defaultsFor(document), document), [])
    .sort(inSchemaOrder)
    .map(({ path, value }) => {
      const said = spanOf(path);
      return { path, value, ...(said ? { said } : {}) };
    });
  return { site, fields };
}

/** `sites/my-cluster.yaml` is the site my-cluster: paths never reach a bundle. */
function siteName(nameOrPath: string): string {
  return nameOrPath.replace(/^.*[/\\]/, "").replace(/\.ya?ml$/, "");
}

/** The most general first. */
async function chainOf(nameOrPath: string, folder: string, cwd: string, above: readonly string[]): Promise<Profile[]> {
  const { id, text, folder: own } = read(nameOrPath, folder, cwd);
  const chain = [...above, id];
  if (above.includes(id))
    fail({ code: "site/invalid", message: `${chain.join(" extends ")}: a profile cannot extend itself` });
  const profile = await parseProfile(id, text);
  const base = profile.document.extends;
  return base === undefined ? [profile] : [...(await chainOf(base, own, cwd, chain)), profile];
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

function leaves(value: unknown, path: Path): { path: Path; value: unknown }[] {
  if (!isMap(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name]));
}

const ORDER = Object.keys(schema.properties);

function inSchemaOrder(a: { path: Path }, b: { path: Path }): number {
  return ORDER.indexOf(String(a.path[0])) - ORDER.indexOf(String(b.path[0]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
