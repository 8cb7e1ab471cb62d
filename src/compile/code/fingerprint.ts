// The code fingerprint of a task: digest of exactly the code that will run, after tree-shaking and normalising; and each source's share of it.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { transform } from "esbuild";
import type { CodeIR } from "../../ir/stage.ts";
import { digest128 } from "../../ir/canonical.ts";
import { WORKER_ABI } from "../../ir/version.ts";
import type { Modules } from "../source/module.ts";
import { withPureCalls } from "./pure.ts";
import { COMPILE_ONLY, buildCode, mark } from "./build.ts";
import type { CodeEntry } from "./slice.ts";

export interface TaskCode {
  readonly code: CodeIR;
  /** Names of cmc that the code uses and that do not exist where it runs. */
  readonly forbidden: readonly string[];
}

/** `inputs`: every file read, absolute. Throws esbuild's BuildFailure. */
export async function fingerprintTasks(
  entries: readonly CodeEntry[],
  folder: string,
  modules: Modules,
): Promise<{ codes: TaskCode[]; inputs: string[] }> {
  if (entries.length === 0) return { codes: [], inputs: [] };
  const { outputFiles, metafile } = await buildCode(entries, folder, "fingerprint", (path) =>
    withPureCalls(modules, path),
  );
  const normalise = normaliser();
  const codes: TaskCode[] = [];
  for (let i = 0; i < entries.length; i++) {
    const { text } = outputFiles.find((file) => file.path.endsWith(`/task-${i}.mjs`))!;
    const parts = await sourcesOf(text, entries[i]!, folder, normalise);
    const whole = parts.map((part) => part.text).join("\n");
    codes.push({
      code: { digest: digest128(`${WORKER_ABI}\n${whole}`), sources: merged(parts) },
      forbidden: COMPILE_ONLY.filter((name) => whole.includes(mark(name))),
    });
  }
  const inputs = Object.keys(metafile.inputs).filter((path) => !/^(cmc-task|cmc-stub):/.test(path)).map((path) => join(folder, path)); // prettier-ignore
  return { codes, inputs };
}

/** What esbuild and cmc themselves put in: part of the digest, no source of anybody's. */
const OWN = "";

/** A CommonJS module is wrapped in a function that is named by its path: where packages are installed is no part of the code. */
const WRAPPER_PATH = /\b(__commonJS|__esm)\(\{\s*"[^"]*"\(/g;

interface Part {
  /** Path for people, or name@version of a package; OWN. */
  readonly source: string;
  readonly text: string;
}

/**
 * esbuild heads each module's code with a comment that names it; with that, one build gives the whole text and every share of it.
 * The heads are left out of what is hashed, so that moving a file changes nothing. A last pass per share removes comments inside
 * expressions and the line breaks of object literals, which esbuild otherwise keeps.
 */
async function sourcesOf(
  text: string,
  entry: CodeEntry,
  folder: string,
  normalise: (text: string) => Promise<string>,
): Promise<Part[]> {
  const parts: Part[] = [];
  const pieces = text
    .replace(WRAPPER_PATH, '$1({ "module"(')
    .split(/^[ \t]*\/\/ ([^\n]+\.[cm]?[jt]sx?|[^\n]+\.json|cmc-(?:task|stub):[^\n]+)\n/m);
  const head = pieces[0]!.trim();
  if (head !== "") parts.push({ source: OWN, text: await normalise(head) });
  for (let i = 1; i < pieces.length; i += 2) {
    const [name, body] = [pieces[i]!, pieces[i + 1]!];
    const source = name.startsWith("cmc-task:")
      ? entry.contents.startsWith("export {")
        ? OWN
        : relative(folder, entry.file)
      : name.startsWith("cmc-stub:")
        ? OWN
        : (packageOf(join(folder, name)) ?? name);
    parts.push({ source, text: source.includes("@") ? body : await normalise(body) });
  }
  return parts;
}

function merged(parts: readonly Part[]): { path: string; digest: string }[] {
  const texts = new Map<string, string>();
  for (const { source, text } of parts)
    if (source !== OWN && text.trim() !== "") texts.set(source, `${texts.get(source) ?? ""}${text}\n`);
  return [...texts]
    .map(([path, text]) => ({ path, digest: digest128(text) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `ml-matrix@6.15.1`; undefined for a file outside node_modules. */
function packageOf(file: string): string | undefined {
  const match = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(file);
  if (!match) return undefined;
  const known = versions.get(match[1]!);
  if (known) return known;
  const { version } = JSON.parse(readFileSync(join(match[1]!, "package.json"), "utf8")) as { version?: string };
  const name = `${match[2]!}@${version ?? "?"}`;
  versions.set(match[1]!, name);
  return name;
}
const versions = new Map<string, string>();

/** A share that is no program of its own (cut inside a wrapper) is hashed as it is. */
function normaliser(): (text: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (text) => {
    const there = known.get(text) ?? transform(text, { loader: "js", minifyWhitespace: true, charset: "utf8", legalComments: "none", logLevel: "silent" }).then((result) => result.code, () => text); // prettier-ignore
    known.set(text, there);
    return there;
  };
}
