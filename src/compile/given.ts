// What a compilation is given from outside: variables from the command line, the environment and a YAML file; folder listings. Shell.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Given } from "../author/given.ts";
import type { ListingRequest } from "../author/listing.ts";
import { matchPattern, parsePattern } from "../author/pattern.ts";
import { type Span, fail } from "../diagnostics/diagnostic.ts";
import type { Json } from "../ir/json.ts";
import { shownPath, spanOf } from "./source/span.ts";

export interface Outside {
  readonly given: Omit<Given, "listings" | "campaignDir">;
  /** Absent: the campaign's folder. */
  readonly home?: string;
  /** Where the vars file names a variable. */
  readonly fileSpan: (name: string) => Span | undefined;
}

const ENVIRONMENT = "CMC_VAR_";

export async function outside(request: {
  cwd: string;
  set: Record<string, string>;
  varsFile?: string;
  env: NodeJS.ProcessEnv;
  home?: string;
}): Promise<Outside> {
  const environment: Record<string, string> = {};
  for (const name of Object.keys(request.env).sort())
    if (name.startsWith(ENVIRONMENT)) environment[name.slice(ENVIRONMENT.length)] = request.env[name]!;
  const { file, fileSpan } =
    request.varsFile === undefined
      ? { file: {}, fileSpan: () => undefined }
      : await readVars(resolve(request.cwd, request.varsFile), request.cwd);
  const home = request.home === undefined ? {} : { home: request.home };
  return { given: { set: request.set, environment, file, cwd: request.cwd }, fileSpan, ...home };
}

async function readVars(
  path: string,
  cwd: string,
): Promise<{ file: Record<string, Json>; fileSpan: (name: string) => Span | undefined }> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return fail({
      code: "compile/not-found",
      message: `the variables file ${shownPath(path, cwd)} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      remedy: "Check the path given with --vars.",
    });
  }
  const { LineCounter, isMap, isScalar, parseDocument } = await import("yaml");
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false });
  const broken = document.errors[0];
  if (broken)
    fail({
      code: "compile/variable-invalid",
      message: `${shownPath(path, cwd)} is no YAML: ${broken.message}`,
      span: spanOf(path, text, broken.pos[0], broken.pos[1], cwd),
      remedy: "Write one `name: value` a line.",
    });
  const root = document.contents;
  if (root !== null && !isMap(root))
    fail({
      code: "compile/variable-invalid",
      message: `${shownPath(path, cwd)} is no mapping of variable names to values`,
      span: spanOf(path, text, 0, 1, cwd),
      remedy: "Write one `name: value` a line.",
    });
  const fileSpan = (name: string) => {
    const key = root?.items.find((item) => isScalar(item.key) && item.key.value === name)?.key;
    const range = isScalar(key) ? key.range : undefined;
    return range ? spanOf(path, text, range[0], range[1], cwd) : undefined;
  };
  return { file: (document.toJS() ?? {}) as Record<string, Json>, fileSpan };
}

/** Relative paths below `root` that match, sorted by code unit; undefined when the folder cannot be read. Names only. */
export function takeListing(request: ListingRequest, campaignDir: string): readonly string[] | undefined {
  const root = resolve(campaignDir, request.root);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const segments = request.pattern.split("/").map((segment) => parsePattern(segment));
  const found: string[] = [];
  const walk = (folder: string, prefix: string, depth: number): void => {
    const last = depth === segments.length - 1;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!matchPattern(segments[depth]!, entry.name)) continue;
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
      if (last && kind?.isFile()) found.push(prefix + entry.name);
      if (!last && kind?.isDirectory()) walk(path, `${prefix}${entry.name}/`, depth + 1);
    }
  };
  try {
    walk(root, "", 0);
  } catch {
    return undefined;
  }
  return found.sort();
}
