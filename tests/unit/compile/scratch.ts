// Campaigns written to a temporary folder, compiled by the real compile(), and diagnostics in a form that tests can read.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { type Compiled, type CompileRequest, compile } from "../../../src/compile/compile.ts";
import { type Diagnostic, DiagnosticError } from "../../../src/diagnostics/diagnostic.ts";

const made: string[] = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Absolute path of a new folder with these files; outside the repository and without node_modules. */
export function scratch(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cmc-compile-")));
  made.push(folder);
  write(folder, files);
  return folder;
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Without a cache unless one is named: /dev/null cannot hold a folder. */
export function compileIn(folder: string, more: Partial<CompileRequest> = {}): Promise<Compiled> {
  return compile({ file: folder, cwd: folder, set: {}, env: {}, cacheDir: "/dev/null", seconds: 20, ...more });
}

export async function diagnosticsOf(
  folder: string,
  more: Partial<CompileRequest> = {},
): Promise<readonly Diagnostic[]> {
  try {
    await compileIn(folder, more);
    return [];
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

/** Source with the expected span between « and »: the text without the marks, and where they stood. */
export function marked(source: string): {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
} {
  const start = source.indexOf("«");
  const end = source.indexOf("»") - 1;
  const before = source.slice(0, start);
  const line = before.split("\n").length;
  return { text: source.replace(/[«»]/g, ""), line, column: start - before.lastIndexOf("\n"), length: end - start };
}

const NAMES =
  "axis, command, defineCampaign, defineStage, dir, echo, file, hdf5, inputFile, inputFiles, json, listing, lockFile, moved, pad, product, seedFrom, task, variable, zip";

/** A campaign around some stages: imports, two axes a and b, a task `nothing`. */
export function campaign(body: string, stages: string, more = ""): string {
  return `import { ${NAMES} } from "cmc";
import type { JobContext } from "cmc";
const a = axis.list("a", [1, 2]);
const b = axis.list("b", ["x", "y"]);
async function nothing() {}
${body}
export default defineCampaign({ name: "test", version: "v1.0", stages: [${stages}], outputs: { base: "runs" }${more} });
`;
}
